//! One visit to a token: load the module, find the token, log in, decrypt, leave.

use super::{Scheme, TokenKey, TokenTrouble};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource},
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session as Open, UserType},
    slot::{Slot, TokenInfo},
};
use rsa::{BigUint, Oaep, RsaPublicKey, rand_core::OsRng, traits::PublicKeyParts};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// A module is one for the whole process: whoever finalizes it does so for everyone.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const LEAST_BITS: usize = 2048;
/// RSA of 16384 bits; a larger modulus is a token's joke.
const LARGEST_MODULUS: usize = 2048;

/// Logged in until it is dropped.
pub(super) struct Session {
    open: Option<Open>,
    module: Option<Pkcs11>,
    token: TokenInfo,
    _turn: MutexGuard<'static, ()>,
}

/// A private key on the token and what encrypts to it.
pub(super) struct Private {
    handle: ObjectHandle,
    pub(super) id: Vec<u8>,
    public: RsaPublicKey,
}

impl Private {
    pub(super) fn encrypt(&self, scheme: Scheme, secret: &[u8]) -> Result<Vec<u8>, TokenTrouble> {
        let padding = match scheme {
            Scheme::RsaOaepSha256 => Oaep::new::<rsa::sha2::Sha256>(),
            Scheme::RsaOaepSha1 => Oaep::new::<sha1_for_rsa::Sha1>(),
        };
        self.public.encrypt(&mut OsRng, padding, secret).map_err(|_| TokenTrouble::NoKey)
    }
}

fn load(at: &TokenKey) -> Result<Pkcs11, TokenTrouble> {
    let module = Pkcs11::new(at.module()).map_err(|_| TokenTrouble::Module)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(_) => Err(TokenTrouble::Module),
    }
}

fn find(module: &Pkcs11, at: &TokenKey) -> Result<(Slot, TokenInfo), TokenTrouble> {
    let fits = |token: &TokenInfo| {
        token.token_initialized()
            && at.token().is_none_or(|label| token.label() == label)
            && at.serial().is_none_or(|serial| token.serial_number() == serial)
    };
    let slots = module.get_slots_with_token().map_err(|_| TokenTrouble::Module)?;
    let mut tokens = slots.into_iter().filter_map(|slot| Some((slot, module.get_token_info(slot).ok()?)));
    tokens.find(|(_, token)| fits(token)).ok_or(TokenTrouble::Absent)
}

pub(super) fn is_present(at: &TokenKey) -> bool {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(module) = load(at) else { return false };
    let found = find(&module, at).is_ok();
    let _ = module.finalize();
    found
}

impl Session {
    pub(super) fn open(at: &TokenKey, pin: Option<&SecretString>) -> Result<Self, TokenTrouble> {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let module = load(at)?;
        let (slot, token) = find(&module, at)?;
        let open = module.open_ro_session(slot).map_err(|_| TokenTrouble::Absent)?;
        let session = Self { open: Some(open), module: Some(module), token, _turn: turn };
        let pin = pin.map(|pin| SecretString::from(pin.expose_secret().to_owned()));
        match session.opened()?.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenTrouble::PinLocked),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinLenRange | RvError::PinInvalid, _)) => {
                Err(TokenTrouble::WrongPin)
            }
            Err(_) => Err(TokenTrouble::Refused),
        }
    }

    fn opened(&self) -> Result<&Open, TokenTrouble> {
        self.open.as_ref().ok_or(TokenTrouble::Absent)
    }

    /// Label and serial number.
    pub(super) fn token(&self) -> (String, String) {
        (self.token.label().to_owned(), self.token.serial_number().to_owned())
    }

    /// The only RSA key that fits. Its public half is read from the key itself, or from the public key of the same id.
    pub(super) fn private_key(&self, label: Option<&str>, id: Option<&[u8]>) -> Result<Private, TokenTrouble> {
        let open = self.opened()?;
        let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(KeyType::RSA)];
        template.extend(label.map(|label| Attribute::Label(label.as_bytes().to_vec())));
        template.extend(id.map(|id| Attribute::Id(id.to_vec())));
        let found = open.find_objects(&template).map_err(|_| TokenTrouble::NoKey)?;
        let [handle] = found[..] else { return Err(TokenTrouble::NoKey) };
        let (own_id, modulus, mut exponent) = self.public_half(handle)?;
        let id = own_id.ok_or(TokenTrouble::NoKey)?;
        if exponent.is_none() {
            let public = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Id(id.clone())];
            if let [public] = open.find_objects(&public).map_err(|_| TokenTrouble::NoKey)?[..] {
                exponent = self.public_half(public)?.2;
            }
        }
        let (Some(modulus), Some(exponent)) = (modulus, exponent) else { return Err(TokenTrouble::NoKey) };
        if modulus.len() > LARGEST_MODULUS {
            return Err(TokenTrouble::NoKey);
        }
        let (modulus, exponent) = (BigUint::from_bytes_be(&modulus), BigUint::from_bytes_be(&exponent));
        let public = RsaPublicKey::new_with_max_size(modulus, exponent, LARGEST_MODULUS * 8).map_err(|_| TokenTrouble::NoKey)?;
        if public.n().bits() < LEAST_BITS {
            return Err(TokenTrouble::NoKey);
        }
        Ok(Private { handle, id, public })
    }

    fn public_half(&self, key: ObjectHandle) -> Result<PublicHalf, TokenTrouble> {
        let asked = [AttributeType::Id, AttributeType::Modulus, AttributeType::PublicExponent];
        let (mut id, mut modulus, mut exponent) = (None, None, None);
        for attribute in self.opened()?.get_attributes(key, &asked).map_err(|_| TokenTrouble::NoKey)? {
            match attribute {
                Attribute::Id(bytes) if !bytes.is_empty() => id = Some(bytes),
                Attribute::Modulus(bytes) => modulus = Some(bytes),
                Attribute::PublicExponent(bytes) if !bytes.is_empty() => exponent = Some(bytes),
                _ => {}
            }
        }
        Ok((id, modulus, exponent))
    }

    pub(super) fn decrypt(&self, key: &Private, scheme: Scheme, sealed: &[u8]) -> Result<Zeroizing<[u8; 32]>, TokenTrouble> {
        let (hash, mask) = match scheme {
            Scheme::RsaOaepSha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
            Scheme::RsaOaepSha1 => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        };
        let how = Mechanism::RsaPkcsOaep(PkcsOaepParams::new(hash, mask, PkcsOaepSource::empty()));
        let plain = self.opened()?.decrypt(&how, key.handle, sealed).map_err(|_| TokenTrouble::Refused)?;
        let plain = Zeroizing::new(plain);
        <[u8; 32]>::try_from(plain.as_slice()).map(Zeroizing::new).map_err(|_| TokenTrouble::Refused)
    }
}

/// Id, modulus and exponent, each where the token tells it.
type PublicHalf = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

impl Drop for Session {
    /// Nothing stays logged in.
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let _ = open.logout();
            let _ = open.close();
        }
        if let Some(module) = self.module.take() {
            let _ = module.finalize();
        }
    }
}
