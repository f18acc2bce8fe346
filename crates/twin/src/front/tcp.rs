//! The phone on a TCP port of loopback: the same messages as over a cable, for `adb connect`.

use super::FrontError;
use crate::{
    adb,
    device::{Device, lock},
};
use std::{
    io::BufReader,
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// Ports an adb server scans for emulators (`reference/rig.md`).
const EMULATOR_PORTS: std::ops::RangeInclusive<u16> = 5555..=5585;

/// A phone that is being served on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    device: Arc<Device>,
    gate: Arc<Gate>,
    thread: Option<JoinHandle<()>>,
}

/// What the one who stops shares with the one who serves.
#[derive(Debug, Default)]
struct Gate {
    closed: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Gate {
    fn cut(&self) {
        for socket in lock(&self.open).drain(..) {
            // a socket the host has closed already is as good
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Serves `device` on a free port of loopback.
pub fn spawn(device: &Arc<Device>) -> Result<Running, FrontError> {
    spawn_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, device)
}

/// Serves `device` on a listener, on a thread of its own.
pub fn spawn_on(listener: TcpListener, device: &Arc<Device>) -> Result<Running, FrontError> {
    let addr = checked(&listener)?;
    let gate = Arc::new(Gate::default());
    let (served, closing) = (device.clone(), gate.clone());
    let thread = std::thread::spawn(move || accept(&listener, &served, &closing));
    Ok(Running { addr, device: device.clone(), gate, thread: Some(thread) })
}

/// Serves `device` on this thread, for ever.
pub fn serve(listener: TcpListener, device: &Arc<Device>) -> Result<(), FrontError> {
    checked(&listener)?;
    accept(&listener, device, &Arc::default());
    Ok(())
}

fn checked(listener: &TcpListener) -> Result<SocketAddr, FrontError> {
    let addr = listener.local_addr()?;
    if !addr.ip().is_loopback() {
        return Err(FrontError::NotLoopback(addr));
    }
    if EMULATOR_PORTS.contains(&addr.port()) {
        return Err(FrontError::EmulatorPort(addr.port()));
    }
    Ok(addr)
}

fn accept(listener: &TcpListener, device: &Arc<Device>, gate: &Arc<Gate>) {
    let mut hosts: Vec<JoinHandle<()>> = Vec::new();
    for socket in listener.incoming() {
        if gate.closed.load(Ordering::SeqCst) {
            break;
        }
        let Ok(socket) = socket else { continue };
        let device = device.clone();
        let gate = gate.clone();
        hosts.retain(|host| !host.is_finished());
        hosts.push(std::thread::spawn(move || {
            if let Err(error) = host(socket, &device, &gate) {
                tracing::debug!(%error, "a host's connection ended");
            }
        }));
    }
    gate.cut();
    for host in hosts {
        // a panic in a connection has been printed by the runtime already
        let _ = host.join();
    }
}

fn host(socket: TcpStream, device: &Arc<Device>, gate: &Arc<Gate>) -> Result<(), adb::AdbError> {
    socket.set_nodelay(true)?;
    let (output, cut) = (socket.try_clone()?, socket.try_clone()?);
    {
        let mut open = lock(&gate.open);
        open.retain(|known| known.peer_addr().is_ok());
        open.push(socket.try_clone()?);
    }
    if gate.closed.load(Ordering::SeqCst) {
        gate.cut();
    }
    let hang_up = move || {
        let _ = cut.shutdown(Shutdown::Both);
    };
    adb::serve(device, BufReader::with_capacity(64 * 1024, socket), output, hang_up)
}

impl Running {
    /// Where to reach it, for `adb connect`.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// Pulls the cable: every open connection is cut, new ones are taken.
    pub fn unplug(&self) {
        self.gate.cut();
    }

    /// Ends it and waits for every connection to be gone.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.gate.closed.store(true, Ordering::SeqCst);
        self.gate.cut();
        // wakes the one who waits for a caller; when it fails the listener is gone, which is the point
        let _ = TcpStream::connect(self.addr);
        let _ = thread.join();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
