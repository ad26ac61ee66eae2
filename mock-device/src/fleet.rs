//! Many devices at once, each on its own loopback address, all on one port.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::device::Device;
use crate::error::MockError;
use crate::fault::Fault;
use crate::log::{AccountLog, Journal, Log};
use crate::scenario::{Expect, Inventory};
use crate::server;
use crate::shared::Shared;
use crate::wire::Switch;

/// Where addresses are taken from unless a device brings its own.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 20, 0, 1);

/// Devices that answer. Dropping it closes the listeners; [`Fleet::stop`] ends the sessions too.
#[derive(Debug)]
pub struct Fleet {
    running: Vec<Running>,
    names: HashMap<String, usize>,
    listeners: Vec<JoinHandle<()>>,
    switches: Switches,
}

/// A device that answers.
#[derive(Debug)]
#[non_exhaustive]
pub struct Running {
    /// Its name.
    pub name: String,
    /// Where it listens, or would if it did not refuse.
    pub address: SocketAddr,
    /// Its host key, as a line of OpenSSH without host names.
    pub host_key: String,
    /// What an audit must say of it.
    pub expect: Expect,
    /// What is right for it.
    pub inventory: Inventory,
    /// Its scenario's name.
    pub scenario: String,
    /// What is wrong with it.
    pub fault: Fault,
    /// The serial number of its first unit.
    pub serial: String,
    /// Column `site`.
    pub site: String,
    /// Column `role`.
    pub role: String,
    journal: Journal,
}

impl Running {
    /// What happened to it so far.
    pub fn log(&self) -> Log {
        self.journal.read()
    }
}

impl Fleet {
    /// Starts the devices on a port that is free for all of them.
    pub async fn start(devices: Vec<Device>) -> Result<Fleet, MockError> {
        Fleet::start_on(devices, FIRST, 0).await
    }

    /// Starts the devices on this port (0 chooses one), with addresses from `first` on.
    pub async fn start_on(devices: Vec<Device>, first: Ipv4Addr, port: u16) -> Result<Fleet, MockError> {
        raise_limit(devices.len());
        let addresses = addresses(&devices, first);
        let mut names = HashMap::with_capacity(devices.len());
        for (index, device) in devices.iter().enumerate() {
            if names.insert(device.name.clone(), index).is_some() {
                return Err(MockError::DuplicateName(device.name.clone()));
            }
        }
        let listeners = listen(&devices, &addresses, port).await?;
        let mut fleet = Fleet {
            running: Vec::with_capacity(devices.len()),
            names,
            listeners: Vec::new(),
            switches: Switches::default(),
        };
        for (device, (address, listener)) in devices.iter().zip(listeners) {
            let (shared, host_key) = Shared::new(device)?;
            let journal = shared.journal.clone();
            match listener {
                Door::Open(listener) => {
                    let accepting = accept(listener, Arc::new(shared), fleet.switches.clone());
                    fleet.listeners.push(tokio::spawn(accepting));
                }
                Door::Hole(listener, full) => fleet.listeners.push(tokio::spawn(async move {
                    let _kept = (listener, full);
                    std::future::pending::<()>().await;
                })),
                Door::None => {}
            }
            fleet.running.push(Running {
                name: device.name.clone(),
                address,
                host_key,
                expect: device.scenario.expect().clone(),
                inventory: device.scenario.inventory().clone(),
                scenario: device.scenario.name().to_owned(),
                fault: device.fault,
                serial: device.first_serial(),
                site: device.site.clone(),
                role: device.role.clone(),
                journal,
            });
        }
        Ok(fleet)
    }

    /// Starts the devices on a runtime of their own, for tests that are not asynchronous.
    pub fn start_blocking(devices: Vec<Device>) -> Result<BlockingFleet, MockError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("mock-device")
            .enable_all()
            .build()
            .map_err(MockError::Runtime)?;
        let fleet = runtime.block_on(Fleet::start(devices))?;
        Ok(BlockingFleet { fleet, runtime: Some(runtime) })
    }

    /// All devices, in the order they were given.
    pub fn devices(&self) -> &[Running] {
        &self.running
    }

    /// The device of this name.
    pub fn get(&self, name: &str) -> Option<&Running> {
        self.names.get(name).and_then(|index| self.running.get(*index))
    }

    /// What reached this account on all devices so far.
    pub fn account(&self, user: &str) -> AccountLog {
        let mut account = AccountLog::default();
        for device in &self.running {
            device.journal.write(|log| account.add(log, user));
        }
        account
    }

    /// Closes the listeners and ends every session.
    pub async fn stop(mut self) {
        for listener in self.listeners.drain(..) {
            listener.abort();
            let _ = listener.await;
        }
        self.switches.cut_all();
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

/// A fleet with a runtime of its own; both end when it is dropped.
#[derive(Debug)]
pub struct BlockingFleet {
    fleet: Fleet,
    runtime: Option<tokio::runtime::Runtime>,
}

impl BlockingFleet {
    /// Ends all devices and starts others at the same address and port: an outage, or replaced hardware.
    pub fn restart(&mut self, devices: Vec<Device>, first: Ipv4Addr, port: u16) -> Result<(), MockError> {
        let Some(runtime) = &self.runtime else { return Ok(()) };
        let fleet = &mut self.fleet;
        self.fleet = runtime.block_on(async {
            for listener in fleet.listeners.drain(..) {
                listener.abort();
                let _ = listener.await;
            }
            fleet.switches.cut_all();
            Fleet::start_on(devices, first, port).await
        })?;
        Ok(())
    }
}

impl Deref for BlockingFleet {
    type Target = Fleet;

    fn deref(&self) -> &Fleet {
        &self.fleet
    }
}

impl Drop for BlockingFleet {
    fn drop(&mut self) {
        self.fleet.switches.cut_all();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The switches of all connections that are open.
#[derive(Debug, Clone, Default)]
struct Switches(Arc<Mutex<Vec<Weak<Switch>>>>);

impl Switches {
    fn add(&self) -> Arc<Switch> {
        let switch = Arc::new(Switch::default());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Switches of ended connections are forgotten once they are the larger part.
        if all.len() == all.capacity() {
            all.retain(|switch| switch.strong_count() > 0);
        }
        all.push(Arc::downgrade(&switch));
        switch
    }

    fn cut_all(&self) {
        for switch in self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if let Some(switch) = switch.upgrade() {
                switch.cut();
            }
        }
    }
}

async fn accept(listener: TcpListener, device: Arc<Shared>, switches: Switches) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No descriptor is free: wait for one rather than spin.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let switch = switches.add();
        let (open, number) = device.journal.open();
        let device = Arc::clone(&device);
        tokio::spawn(async move {
            let wire = Switch::clone(&switch);
            server::serve(device, stream, wire, open, number).await;
            drop(switch);
        });
    }
}

type Listener = (SocketAddr, Door);

/// What a connection meets.
enum Door {
    Open(TcpListener),
    /// A listener whose queue is full answers nobody; the connections keep it full.
    Hole(TcpListener, Vec<TcpStream>),
    None,
}

/// Opens all listeners on one port; where the port is free to choose, tries others when one is taken.
async fn listen(devices: &[Device], addresses: &[Ipv4Addr], port: u16) -> Result<Vec<Listener>, MockError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match listen_once(devices, addresses, port).await {
            Err(_) if port == 0 && tries < 20 => {}
            result => return result,
        }
    }
}

async fn listen_once(devices: &[Device], addresses: &[Ipv4Addr], port: u16) -> Result<Vec<Listener>, MockError> {
    let mut listeners = Vec::with_capacity(devices.len());
    let mut port = port;
    for (device, address) in devices.iter().zip(addresses) {
        let wanted = SocketAddr::from((*address, port));
        let failed = |source| MockError::Listen { address: wanted, source };
        if device.fault == Fault::BlackHole && port != 0 {
            listeners.push((wanted, black_hole(wanted).await.map_err(failed)?));
            continue;
        }
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        port = address.port();
        let door = match device.fault {
            // A device that refuses had its port for a moment, so that nobody else's is written into the inventory.
            Fault::Refuse => Door::None,
            Fault::BlackHole => {
                drop(listener);
                black_hole(address).await.map_err(failed)?
            }
            _ => Door::Open(listener),
        };
        listeners.push((address, door));
    }
    Ok(listeners)
}

async fn black_hole(at: SocketAddr) -> std::io::Result<Door> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(at)?;
    let listener = socket.listen(0)?;
    let mut full = Vec::new();
    // The queue of length 0 takes one or two, depending on the system; the first that gets no answer finds it full.
    while let Ok(connected) = timeout(Duration::from_millis(100), TcpStream::connect(at)).await {
        full.push(connected?);
    }
    Ok(Door::Hole(listener, full))
}

/// One address a device, none twice, none that ends in 0 or 255.
fn addresses(devices: &[Device], first: Ipv4Addr) -> Vec<Ipv4Addr> {
    let mut taken: HashSet<Ipv4Addr> = devices.iter().filter_map(|device| device.address).collect();
    let mut next = u32::from(first);
    devices
        .iter()
        .map(|device| {
            device.address.unwrap_or_else(|| {
                loop {
                    let address = Ipv4Addr::from(next);
                    // Past the end of 127.0.0.0/8 it goes on at its beginning.
                    next = 0x7f00_0000 | ((next + 1) & 0x00ff_ffff);
                    if !matches!(address.octets()[3], 0 | 255) && taken.insert(address) {
                        return address;
                    }
                }
            })
        })
        .collect()
}

/// Asks for a listener and a session's descriptor a device, and some more.
fn raise_limit(devices: usize) {
    let wanted = u64::try_from(devices).unwrap_or(0) * 3 + 256;
    if rlimit::Resource::NOFILE.get_soft().is_ok_and(|soft| soft < wanted) {
        let _ = rlimit::increase_nofile_limit(wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    #[test]
    fn five_thousand_devices_have_five_thousand_addresses() {
        let scenario = Scenario::named("healthy-smart").expect("a scenario");
        let devices: Vec<Device> = (0..5000).map(|n| Device::new(format!("sw{n}"), scenario.clone())).collect();
        let all = addresses(&devices, FIRST);
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 5000);
        assert!(all.iter().all(|address| address.is_loopback() && address.octets()[3] != 0));
    }
}
