//! Pulls from real servers on loopback: SFTP, HTTPS and S3, and what goes wrong with them.

mod desk;
mod https;
mod https_pull;
mod moto;
mod partners;
mod s3;
mod s3_pull;
mod sftp;
mod sshd;
mod tls;
