//! Why the server does not start or ends.

use std::net::IpAddr;

use crate::config::ConfigError;
use crate::data_folder::FolderError;
use crate::key::KeyError;
use crate::pages::PagesError;
use crate::store::StoreError;

/// Why the server does not run. Each is one sentence, with what to do where that is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The pages.
    #[error(transparent)]
    Pages(#[from] PagesError),
    /// The signing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error(
        "The ballot box cannot use its database: {0}; check the data folder and the space on its disk."
    )]
    Store(#[from] StoreError),
    /// Where the tiles are published.
    #[error("The folder or bucket of --tiles cannot be used: {0}.")]
    Tiles(#[from] object_store::Error),
    /// No thread.
    #[error("The operating system gave no thread: {0}.")]
    Thread(std::io::Error),
    /// The port is taken.
    #[error(
        "Port {port} of {address} is in use by another program; stop that, or choose another port with --port."
    )]
    PortInUse {
        /// The address.
        address: IpAddr,
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("The server cannot listen on port {port} of {address}: {source}.")]
    Listen {
        /// The address.
        address: IpAddr,
        /// The port.
        port: u16,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The web framework.
    #[error("The web server could not start or failed: {reason}.")]
    Web {
        /// What it says.
        reason: String,
    },
}
