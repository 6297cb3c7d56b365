//! A client's connection to Envoy, plain or with mutual TLS.

use crate::Failure;
use crate::certificates::SERVER_NAME;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// A server that says nothing for so long is broken.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The bytes between client and Envoy.
pub enum Connection {
    /// HTTP on a bare socket.
    Plain(TcpStream),
    /// HTTP inside TLS.
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Connection {
    /// Connects; the TLS handshake happens with the first bytes.
    pub fn open(port: u16, tls: Option<&Arc<ClientConfig>>) -> Result<Self, Failure> {
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(TIMEOUT))?;
        let Some(config) = tls else {
            return Ok(Self::Plain(socket));
        };
        let session = ClientConnection::new(config.clone(), SERVER_NAME.try_into()?)?;
        Ok(Self::Tls(Box::new(StreamOwned::new(session, socket))))
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
