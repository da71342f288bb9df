//! Pulls from real servers on loopback: SFTP, HTTPS and S3, and what goes wrong with them.

mod https;
mod moto;
mod s3;
mod sftp;
mod sshd;
mod tls;
