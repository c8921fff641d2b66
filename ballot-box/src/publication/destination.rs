//! Where records are published: a folder, or a bucket of any store that speaks S3.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ClientOptions, Error, ObjectStore, ObjectStoreExt as _, PutMode,
    PutOptions, PutPayload, RetryConfig, UpdateVersion,
};
use rocket::futures::{StreamExt as _, TryStreamExt as _};

/// How long others may keep what never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// More bytes than a checkpoint has with the cosignatures of all witnesses.
const LONGEST: usize = 16 << 10;

/// The address of a folder or bucket, as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `file:///folder`.
    Folder(PathBuf),
    /// `s3://bucket` or `s3://bucket/prefix`.
    Bucket {
        /// The whole address, which names the bucket.
        url: String,
        /// What names of objects start with.
        prefix: String,
    },
}

impl Address {
    /// Reads an address. Nothing else may be in it: keys are read from the environment.
    pub fn parse(url: &str) -> Option<Self> {
        if url.contains(['@', '?', '#', '%', ' ']) {
            return None;
        }
        if let Some(folder) = url.strip_prefix("file://") {
            return folder.starts_with('/').then(|| Self::Folder(folder.into()));
        }
        let rest = url.strip_prefix("s3://")?.trim_end_matches('/');
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_path = Path::parse(prefix).is_ok();
        (!bucket.is_empty() && is_path).then(|| Self::Bucket {
            url: format!("s3://{bucket}"),
            prefix: prefix.to_owned(),
        })
    }
}

/// A folder or bucket that can be written.
#[derive(Clone)]
pub struct Destination {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Whether what is stored has headers: a folder's files have not, a web server makes them.
    has_headers: bool,
}

/// What stands at a place that is written again and again.
pub struct Current {
    /// Its content.
    pub text: String,
    version: UpdateVersion,
}

impl Destination {
    /// Makes the folder if it is missing; asks nothing of a bucket yet. Keys, region and endpoint
    /// of a bucket are those of the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_REGION`, `AWS_ENDPOINT`, …).
    ///
    /// # Errors
    /// The store's, if there is no such folder and none can be made, or the environment is wrong.
    pub fn open(address: &Address) -> Result<Self, Error> {
        match address {
            Address::Folder(path) => {
                std::fs::create_dir_all(path).map_err(|source| Error::Generic {
                    store: "folder",
                    source: Box::new(source),
                })?;
                let folder = LocalFileSystem::new_with_prefix(path)?
                    .with_fsync(true)
                    .with_automatic_cleanup(true);
                Ok(Self {
                    store: Arc::new(folder),
                    prefix: Path::default(),
                    has_headers: false,
                })
            }
            Address::Bucket { url, prefix } => {
                // Fails only where it was done before, which is as well.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let bucket = AmazonS3Builder::from_env()
                    .with_url(url)
                    .with_client_options(
                        ClientOptions::new()
                            .with_allow_http(true)
                            .with_connect_timeout(Duration::from_secs(5))
                            .with_timeout(Duration::from_secs(60)),
                    )
                    // Whoever publishes tries again, without end.
                    .with_retry(RetryConfig {
                        max_retries: 2,
                        retry_timeout: Duration::from_secs(20),
                        ..RetryConfig::default()
                    })
                    .build()?;
                Ok(Self {
                    store: Arc::new(bucket),
                    prefix: Path::parse(prefix)?,
                    has_headers: true,
                })
            }
        }
    }

    /// The place of a log of this origin: what follows the host in its address.
    ///
    /// # Errors
    /// The store's, if that is no path.
    pub fn log(&self, origin: &str) -> Result<Path, Error> {
        let path = origin.split_once('/').map_or("", |(_, path)| path);
        Ok(Path::parse(
            format!("{}/{path}", self.prefix).trim_matches('/'),
        )?)
    }

    /// Writes what never changes.
    ///
    /// # Errors
    /// The store's.
    pub async fn put(&self, place: &Path, content: Vec<u8>) -> Result<(), Error> {
        let options = self.options(PutMode::Overwrite, "application/octet-stream", FOR_EVER);
        let payload = PutPayload::from(content);
        self.store.put_opts(place, payload, options).await?;
        Ok(())
    }

    /// What stands at a place, or `None` if nothing does.
    ///
    /// # Errors
    /// The store's.
    pub async fn current(&self, place: &Path) -> Result<Option<Current>, Error> {
        let found = match self.store.get(place).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let version = UpdateVersion {
            e_tag: found.meta.e_tag.clone(),
            version: found.meta.version.clone(),
        };
        let mut bytes = Vec::new();
        let mut parts = found.into_stream();
        while let Some(part) = parts.try_next().await? {
            bytes.extend_from_slice(&part);
            if bytes.len() > LONGEST {
                return Err(Error::Generic {
                    store: "records",
                    source: format!("what stands at {place} is too long for a checkpoint").into(),
                });
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Some(Current { text, version }))
    }

    /// Writes a text in the place of `current`, if that still stands there. In a folder nobody
    /// looks: it belongs to one server.
    ///
    /// # Errors
    /// The store's; [`Error::Precondition`] or [`Error::AlreadyExists`] if something else is there.
    pub async fn replace(
        &self,
        place: &Path,
        text: &str,
        current: Option<Current>,
    ) -> Result<(), Error> {
        let mode = current.map_or(PutMode::Create, |current| PutMode::Update(current.version));
        let put = |mode| {
            let options = self.options(mode, "text/plain; charset=utf-8", "no-cache");
            let payload = PutPayload::from(text.to_owned());
            self.store.put_opts(place, payload, options)
        };
        match put(mode).await {
            // Folders, and stores of which the environment says that they cannot.
            Err(Error::NotImplemented { .. }) => put(PutMode::Overwrite).await?,
            outcome => outcome?,
        };
        Ok(())
    }

    /// Removes everything under a place.
    ///
    /// # Errors
    /// The store's.
    pub async fn clear(&self, place: &Path) -> Result<(), Error> {
        let names = self.store.list(Some(place));
        let names = names.map_ok(|found| found.location).boxed();
        self.store
            .delete_stream(names)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(())
    }

    fn options(&self, mode: PutMode, content_type: &'static str, keep: &'static str) -> PutOptions {
        let mut attributes = Attributes::new();
        if self.has_headers {
            attributes.insert(Attribute::ContentType, content_type.into());
            attributes.insert(Attribute::CacheControl, keep.into());
        }
        PutOptions {
            mode,
            attributes,
            ..PutOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_folder_or_a_bucket_and_nothing_else() {
        let bucket = |prefix: &str| Address::Bucket {
            url: "s3://records".to_owned(),
            prefix: prefix.to_owned(),
        };
        for (url, address) in [
            (
                "file:///srv/records",
                Address::Folder("/srv/records".into()),
            ),
            ("s3://records", bucket("")),
            ("s3://records/", bucket("")),
            ("s3://records/a/b/", bucket("a/b")),
        ] {
            assert_eq!(Address::parse(url), Some(address), "{url}");
        }
        for bad in [
            "",
            "/srv/records",
            "file://srv",
            "s3://",
            "s3:///a",
            "s3://key:secret@records",
            "s3://records?x=1",
            "s3://records/../a",
            "https://records.example.org",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_checkpoint_replaces_only_the_one_that_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::Folder(folder.path().join("new"));
        let folder = Destination::open(&address).unwrap();
        let memory = Destination {
            store: Arc::new(object_store::memory::InMemory::new()),
            prefix: Path::from("prefix"),
            has_headers: true,
        };
        for destination in [&folder, &memory] {
            let place = destination.log("example.org/e/1").unwrap();
            assert!(destination.current(&place).await.unwrap().is_none());
            destination.replace(&place, "1", None).await.unwrap();
            let first = destination.current(&place).await.unwrap().unwrap();
            assert_eq!(first.text, "1");
            destination.replace(&place, "2", Some(first)).await.unwrap();
            let again = destination.replace(&place, "1", None).await;
            assert!(matches!(again, Err(Error::AlreadyExists { .. })));
        }
        let place = memory.log("example.org/e/1").unwrap();
        assert_eq!(place.as_ref(), "prefix/e/1");
        let stale = memory.current(&place).await.unwrap();
        let current = memory.current(&place).await.unwrap();
        memory.replace(&place, "3", current).await.unwrap();
        let outcome = memory.replace(&place, "2", stale).await;
        assert!(matches!(outcome, Err(Error::Precondition { .. })));
        // What is no checkpoint does not fill the memory.
        let current = memory.current(&place).await.unwrap();
        let long = "x".repeat(LONGEST + 1);
        memory.replace(&place, &long, current).await.unwrap();
        assert!(memory.current(&place).await.is_err());
    }
}
