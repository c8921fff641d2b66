//! `init` and `key`: the organiser's signing key.

use getrandom::SysRng;
use protocol::encoding::encode_hex;

use super::Context;
use crate::cli::Init;
use crate::error::CommandError;
use crate::key_file::PassphraseSource;

pub(super) fn run(context: &mut Context<'_>, args: &Init) -> Result<(), CommandError> {
    let is_encrypted = args.passphrase || matches!(context.passphrase, PassphraseSource::File(_));
    let passphrase = is_encrypted.then_some(&context.passphrase);
    let home = context.home()?.clone();
    let key = home.create_key(passphrase, &mut SysRng)?;
    context.say(format!(
        "The organiser's key is made, in {}.",
        home.path().display()
    ));
    context.say(format!(
        "Public key: {}",
        encode_hex(key.public().as_bytes())
    ));
    context.say("Keep a copy of that folder in a safe place: without the key nobody can open or close your elections.");
    Ok(())
}

pub(super) fn show_key(context: &mut Context<'_>) -> Result<(), CommandError> {
    let key = context.home()?.public_key(&context.passphrase)?;
    context.say(key);
    Ok(())
}
