//! What respondents of a survey take who make their own codes.

use getrandom::SysRng;
use protocol::encoding::decode_hex;
use protocol::secret::Secret;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::other;
use crate::registration;

/// A code that was made here, and the line that registers its key.
#[wasm_bindgen]
pub struct Registration {
    code: Secret<String>,
    line: String,
}

#[wasm_bindgen]
impl Registration {
    /// The code as it is typed later. It must go to no server.
    pub fn code(&self) -> String {
        self.code.expose().clone()
    }

    /// The line to hand over.
    pub fn line(&self) -> String {
        self.line.clone()
    }
}

/// Makes a code for the election with this uuid (32 hexadecimal digits).
#[wasm_bindgen]
pub fn register(uuid: &str) -> Result<Registration, JsValue> {
    let uuid = decode_hex(uuid).ok_or_else(|| other("this address names no election"))?;
    let (code, key) = registration::register(&uuid, &mut SysRng).map_err(other)?;
    Ok(Registration {
        code: code.text(),
        line: key.to_string(),
    })
}
