//! A host of an iPhone, written for the twin's own stories: it does what it is told to and believes everything.
#![allow(unreachable_pub)]

use plist::{Dictionary, Value};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// One computer: where its usbmuxd is, and what it shows of itself.
pub struct Host {
    address: String,
    key: Vec<u8>,
    der: CertificateDer<'static>,
    pem: String,
    escrow: Option<Vec<u8>>,
}

pub fn dict<const N: usize>(pairs: [(&str, Value); N]) -> Dictionary {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

impl Host {
    pub fn at(address: String) -> Host {
        let made = rcgen::generate_simple_self_signed(vec!["station".to_owned()]).unwrap();
        Host { address, key: made.signing_key.serialize_der(), der: made.cert.der().clone(), pem: made.cert.pem(), escrow: None }
    }

    /// Asks the usbmuxd on a connection of its own.
    pub fn ask(&self, request: Dictionary) -> (TcpStream, Dictionary) {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.set_nodelay(true).unwrap();
        let mut body = Vec::new();
        Value::Dictionary(request).to_writer_xml(&mut body).unwrap();
        for word in [16 + body.len() as u32, 1, 8, 77] {
            socket.write_all(&word.to_le_bytes()).unwrap();
        }
        socket.write_all(&body).unwrap();
        let answer = event(&mut socket).unwrap();
        (socket, answer)
    }

    pub fn devices(&self) -> Vec<Dictionary> {
        let (_, answer) = self.ask(dict([("MessageType", "ListDevices".into())]));
        answer["DeviceList"].as_array().unwrap().iter().map(|one| one.as_dictionary().unwrap().clone()).collect()
    }

    /// A pipe to a port of the first phone, or the number of the refusal.
    pub fn connect(&self, port: u16) -> Result<TcpStream, u64> {
        let devices = self.devices();
        let id = devices.first().ok_or(2_u64)?["DeviceID"].clone();
        let port = i64::from(port.swap_bytes());
        let (socket, answer) = self.ask(dict([("MessageType", "Connect".into()), ("DeviceID", id), ("PortNumber", port.into())]));
        match answer["Number"].as_unsigned_integer().unwrap() {
            0 => Ok(socket),
            other => Err(other),
        }
    }

    /// Pairs, and answers with the error word where the phone says no.
    pub fn pair(&mut self, host_id: &str) -> Result<(), String> {
        let mut lockdown = self.connect(62078).unwrap();
        let pem = || Value::Data(self.pem.clone().into_bytes());
        let record = dict([
            ("DeviceCertificate", pem()),
            ("HostCertificate", pem()),
            ("RootCertificate", pem()),
            ("HostID", host_id.into()),
            ("SystemBUID", "BUID-1".into()),
        ]);
        let answer = request(&mut lockdown, dict([("Request", "Pair".into()), ("PairRecord", record.into())])).unwrap();
        if let Some(error) = answer.get("Error") {
            return Err(error.as_string().unwrap().to_owned());
        }
        self.escrow = Some(answer["EscrowBag"].as_data().unwrap().to_vec());
        Ok(())
    }

    pub fn tls(&self, socket: TcpStream) -> io::Result<Tls> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody))
            .with_client_auth_cert(vec![self.der.clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone())))
            .unwrap();
        let name = ServerName::try_from("phone").unwrap();
        let mut tls = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket);
        tls.flush()?;
        Ok(tls)
    }

    /// A session with lockdownd, under TLS.
    pub fn session(&self, host_id: &str) -> io::Result<Tls> {
        let mut lockdown = self.connect(62078).map_err(|_| io::ErrorKind::ConnectionRefused)?;
        let start = dict([("Request", "StartSession".into()), ("HostID", host_id.into()), ("SystemBUID", "BUID-1".into())]);
        let answer = request(&mut lockdown, start)?;
        if let Some(error) = answer.get("Error") {
            return Err(io::Error::other(error.as_string().unwrap().to_owned()));
        }
        self.tls(lockdown)
    }

    /// A service by name, with or without the escrow bag.
    pub fn service(&self, host_id: &str, name: &str, escrow: bool) -> io::Result<Tls> {
        let mut session = self.session(host_id)?;
        let mut start = dict([("Request", "StartService".into()), ("Service", name.into())]);
        if escrow {
            start.insert("EscrowBag".into(), Value::Data(self.escrow.clone().unwrap()));
        }
        let answer = request(&mut session, start)?;
        if let Some(error) = answer.get("Error") {
            return Err(io::Error::other(error.as_string().unwrap().to_owned()));
        }
        let port = u16::try_from(answer["Port"].as_unsigned_integer().unwrap()).unwrap();
        self.tls(self.connect(port).map_err(|_| io::ErrorKind::ConnectionRefused)?)
    }

    /// The backup service, after the greetings.
    pub fn backup_service(&self, escrow: bool) -> io::Result<Tls> {
        let mut service = self.service("HOST-1", "com.apple.mobilebackup2", escrow)?;
        let hello = message(&mut service)?;
        assert_eq!(hello[0].as_string(), Some("DLMessageVersionExchange"));
        send(&mut service, vec!["DLMessageVersionExchange".into(), "DLVersionsOk".into(), hello[1].clone()])?;
        assert_eq!(message(&mut service)?[0].as_string(), Some("DLMessageDeviceReady"));
        let versions = Value::Array(vec![2.0.into(), 2.1.into()]);
        let hello = dict([("MessageName", "Hello".into()), ("SupportedProtocolVersions", versions)]);
        send(&mut service, vec!["DLMessageProcessMessage".into(), hello.into()])?;
        assert_eq!(message(&mut service)?[1].as_dictionary().unwrap()["ErrorCode"].as_unsigned_integer(), Some(0));
        Ok(service)
    }
}

/// The next event of a usbmuxd.
pub fn event(socket: &mut TcpStream) -> io::Result<Dictionary> {
    let mut head = [0; 16];
    socket.read_exact(&mut head)?;
    let length = u32::from_le_bytes(head[..4].try_into().unwrap()) as usize - 16;
    let mut body = vec![0; length];
    socket.read_exact(&mut body)?;
    Ok(Value::from_reader(io::Cursor::new(body)).unwrap().into_dictionary().unwrap())
}

pub fn frame(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = word(stream)?;
    if length > 16 << 20 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame too long"));
    }
    let mut body = vec![0; length as usize];
    stream.read_exact(&mut body)?;
    Ok(body)
}

pub fn request(stream: &mut (impl Read + Write), request: Dictionary) -> io::Result<Dictionary> {
    let mut body = Vec::new();
    Value::Dictionary(request).to_writer_xml(&mut body).unwrap();
    write(stream, &body)?;
    Ok(Value::from_reader(io::Cursor::new(frame(stream)?)).unwrap().into_dictionary().unwrap())
}

pub fn send(stream: &mut impl Write, message: Vec<Value>) -> io::Result<()> {
    let mut body = Vec::new();
    Value::Array(message).to_writer_binary(&mut body).unwrap();
    write(stream, &body)
}

/// A frame in one piece.
pub fn write(stream: &mut impl Write, body: &[u8]) -> io::Result<()> {
    stream.write_all(&[&(body.len() as u32).to_be_bytes(), body].concat())?;
    stream.flush()
}

pub fn message(stream: &mut impl Read) -> io::Result<Vec<Value>> {
    let body = frame(stream)?;
    if body.len() < 100 || body.starts_with(b"bplist00") && body.len() < 16_384 && !explodes(&body) {
        return Value::from_reader(io::Cursor::new(body))
            .map_err(io::Error::other)?
            .into_array()
            .ok_or(io::ErrorKind::InvalidData.into());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "a list too strange"))
}

/// Lists whose references are four bytes wide: only the bent ones are.
fn explodes(body: &[u8]) -> bool {
    body.len() > 32 && body[body.len() - 25] == 4
}

fn word(stream: &mut impl Read) -> io::Result<u32> {
    let mut word = [0; 4];
    stream.read_exact(&mut word)?;
    Ok(u32::from_be_bytes(word))
}

/// A folder of a host, in memory.
#[derive(Default, Clone)]
pub struct Folder {
    pub files: BTreeMap<String, Vec<u8>>,
    /// Errors that came instead of the rest of a file.
    pub errors: Vec<(String, String)>,
    /// Every name that the phone gave to a file.
    pub named: Vec<String>,
    pub free: u64,
}

/// Sends a request and serves the phone until it answers; the ErrorCode.
pub fn serve(stream: &mut Tls, folder: &mut Folder, content: Dictionary) -> io::Result<u64> {
    send(stream, vec!["DLMessageProcessMessage".into(), content.into()])?;
    loop {
        let message = message(stream)?;
        let text = |at: usize| message[at].as_string().unwrap_or_default().to_owned();
        let (mut code, mut payload) = (0_i64, Value::String("___EmptyParameterString___".into()));
        match text(0).as_str() {
            "DLMessageProcessMessage" => {
                return Ok(message[1].as_dictionary().unwrap()["ErrorCode"].as_unsigned_integer().unwrap());
            }
            "DLMessageGetFreeDiskSpace" => payload = folder.free.into(),
            "DLMessageCreateDirectory" | "DLMessageCopyItem" => {}
            "DLContentsOfDirectory" => payload = Dictionary::new().into(),
            "DLMessageMoveItems" => {
                for (from, to) in message[1].as_dictionary().unwrap() {
                    if let Some(file) = folder.files.remove(from) {
                        folder.files.insert(to.as_string().unwrap().to_owned(), file);
                    }
                }
            }
            "DLMessageRemoveItems" => {
                for gone in message[1].as_array().unwrap() {
                    folder.files.remove(gone.as_string().unwrap());
                }
            }
            "DLMessageDownloadFiles" => {
                for path in message[1].as_array().unwrap().iter().map(|path| path.as_string().unwrap()) {
                    stream.write_all(&(path.len() as u32).to_be_bytes())?;
                    stream.write_all(path.as_bytes())?;
                    match folder.files.get(path) {
                        None => {
                            stream.write_all(&[0, 0, 0, 2, 6, b'!'])?;
                            code = -13;
                        }
                        Some(file) => {
                            for block in file.chunks(1000) {
                                stream.write_all(&(block.len() as u32 + 1).to_be_bytes())?;
                                stream.write_all(&[0x0c])?;
                                stream.write_all(block)?;
                            }
                            stream.write_all(&[0, 0, 0, 1, 0])?;
                        }
                    }
                }
                stream.write_all(&[0; 4])?;
            }
            "DLMessageUploadFiles" => receive(stream, folder)?,
            _ => code = -1,
        }
        let code = Value::Integer(code.cast_unsigned().into());
        send(stream, vec!["DLMessageStatusResponse".into(), code, "".into(), payload])?;
    }
}

fn receive(stream: &mut Tls, folder: &mut Folder) -> io::Result<()> {
    loop {
        let device = frame(stream)?;
        if device.is_empty() {
            return Ok(());
        }
        let host = String::from_utf8_lossy(&frame(stream)?).into_owned();
        let mut file = Vec::new();
        loop {
            let block = frame(stream)?;
            match block.split_first() {
                Some((0x0c, data)) => file.extend_from_slice(data),
                Some((0x0b, text)) => {
                    folder
                        .errors
                        .push((String::from_utf8_lossy(&device).into_owned(), String::from_utf8_lossy(text).into_owned()));
                    break;
                }
                _ => break,
            }
        }
        folder.named.push(host.clone());
        folder.files.insert(host, file);
    }
}

#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
