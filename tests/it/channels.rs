//! Pulls from real servers on loopback: SFTP, HTTPS and S3, and what goes wrong with them.

mod sftp;
mod sshd;
