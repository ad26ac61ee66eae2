//! The keys of ssh-agent, asked for before anything is contacted.

use std::env;
use std::sync::mpsc::channel;
use std::time::Duration;

/// An agent is a program of this machine: longer than this it hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// True where the agent of the environment holds a key; else why there is none.
///
/// # Errors
/// Says in half a sentence what is missing.
pub fn agent_has_keys() -> Result<(), String> {
    let Some(socket) = env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()) else {
        return Err("there is no ssh-agent (SSH_AUTH_SOCK)".to_owned());
    };
    let (answer, answered) = channel();
    // Asking blocks for as long as the agent likes: the thread is left behind where it does not answer.
    std::thread::spawn(move || answer.send(count()));
    match answered.recv_timeout(PATIENCE) {
        Ok(Ok(1..)) => Ok(()),
        Ok(Ok(0)) => Err("the ssh-agent holds no key".to_owned()),
        Ok(Err(error)) => Err(format!("the ssh-agent at {} cannot be asked: {error}", socket.display())),
        Err(_) => Err(format!("the ssh-agent at {} does not answer", socket.display())),
    }
}

fn count() -> Result<usize, ssh2::Error> {
    let mut agent = ssh2::Session::new()?.agent()?;
    agent.connect()?;
    agent.list_identities()?;
    Ok(agent.identities()?.len())
}
