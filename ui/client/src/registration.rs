//! Codes that respondents make on their own devices.
//!
//! Spec: docs/spec/credentials.md, "Registered keys".

use protocol::credential::{Code, RegisteredKey};
use protocol::transcript::RandomnessError;
use rand_core::TryCryptoRng;

/// Makes a code and the key that it has in the election `uuid`, with its proof of possession.
///
/// # Errors
/// [`RandomnessError`] if `rng` fails.
pub fn register(
    uuid: &[u8; 16],
    rng: &mut impl TryCryptoRng,
) -> Result<(Code, RegisteredKey), RandomnessError> {
    loop {
        let code = Code::draw(rng)?;
        // A key of zero, once in 2^252 codes, is none.
        if let Some(part) = code.part(uuid, 0).public(rng)? {
            return Ok((code, RegisteredKey { uuid: *uuid, part }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;

    #[test]
    fn the_line_of_a_code_made_here_holds_and_is_of_the_key_that_the_code_gives() {
        let uuid = [9; 16];
        let (code, key) = register(&uuid, &mut SysRng).unwrap();
        let read = RegisteredKey::parse(&key.to_string()).unwrap();
        assert_eq!(read, key);
        read.verify(&mut SysRng).unwrap();
        let typed = Code::parse(code.text().expose()).unwrap();
        let part = typed.part(&uuid, 0).public(&mut SysRng).unwrap().unwrap();
        assert_eq!(part.key, read.part.key);
        let (_, other) = register(&uuid, &mut SysRng).unwrap();
        assert_ne!(other.part.key, key.part.key);
    }
}
