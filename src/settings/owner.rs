//! Who may change a file: the user and root alone, or somebody else.
//!
//! Decided from what `stat` and the databases of users and groups say. A group that may write is fine where it is a private
//! one, as distributions make it for every user: the primary group of the user (or of root), of the same name, without another
//! member. Where an access control list gives more, its mask stands in the group's bits; with a list, those bits do not count as
//! the group's alone.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User};

const ROOT: u32 = 0;
/// The extended attribute in which Linux keeps the access control list of a file.
const ACCESS_LIST: &str = "system.posix_acl_access";

/// The account that slaudit runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    /// Groups in which nobody is but this user, or root alone.
    private_groups: Vec<u32>,
}

impl Account {
    /// The account of this process.
    pub(super) fn current() -> Self {
        let uid = Uid::effective().as_raw();
        let private = |uid: u32| {
            let user = User::from_uid(Uid::from_raw(uid)).ok()??;
            let group = Group::from_gid(user.gid).ok()??;
            is_private(&group.name, &group.mem, &user.name).then_some(user.gid.as_raw())
        };
        Self { uid, private_groups: [uid, ROOT].into_iter().filter_map(private).collect() }
    }

    fn trusts(&self, uid: u32) -> bool {
        uid == self.uid || uid == ROOT
    }
}

/// True where the primary group of a user is nobody else's.
fn is_private(group: &str, members: &[String], user: &str) -> bool {
    group == user && members.iter().all(|member| member == user || member == "root")
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// Where the sticky bit is set, only the owner of an entry (or of the folder) may replace it.
    Folder,
    /// Its mode means nothing; the folder decides who can replace it.
    Link,
}

/// Who may do what, as `stat` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rights {
    uid: u32,
    gid: u32,
    /// Permission bits, with the sticky bit.
    mode: u32,
    has_access_list: bool,
}

impl Rights {
    fn new(metadata: &Metadata, has_access_list: bool) -> Self {
        Self { uid: metadata.uid(), gid: metadata.gid(), mode: metadata.mode() & 0o7777, has_access_list }
    }
}

/// Who else may change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stranger {
    Owner,
    Everybody,
    Group,
    AccessList,
}

/// Who may change something besides the user and root; nobody is `None`.
fn stranger(kind: Kind, rights: Rights, account: &Account) -> Option<Stranger> {
    let is_sticky = kind == Kind::Folder && rights.mode & 0o1000 != 0;
    if !account.trusts(rights.uid) {
        return Some(Stranger::Owner);
    }
    if kind == Kind::Link || is_sticky {
        return None;
    }
    if rights.mode & 0o002 != 0 {
        return Some(Stranger::Everybody);
    }
    if rights.mode & 0o020 == 0 {
        return None;
    }
    if rights.has_access_list {
        return Some(Stranger::AccessList);
    }
    (!account.private_groups.contains(&rights.gid)).then_some(Stranger::Group)
}

/// Something that others may change, or that cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum Untrusted {
    /// Others may change it.
    #[error("{who} ({owner}, mode {mode:04o})")]
    Writable {
        /// Who may, and what it is, in words.
        who: String,
        owner: Owner,
        mode: u32,
        /// The command that takes the right away.
        cure: String,
    },
    /// It cannot be looked at.
    #[error("the owner and mode of {} cannot be read: {cause}", .path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
}

impl Untrusted {
    /// The command that would make it trusted.
    pub(super) fn cure(&self) -> Option<&str> {
        match self {
            Self::Writable { cure, .. } => Some(cure),
            Self::Unreadable { .. } => None,
        }
    }
}

/// Whose something is, for people.
#[derive(Debug)]
pub(super) struct Owner {
    uid: u32,
    gid: u32,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "owner {}, group {}", user_name(self.uid), group_name(self.gid))
    }
}

fn user_name(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

fn group_name(gid: u32) -> String {
    Group::from_gid(Gid::from_raw(gid)).ok().flatten().map_or_else(|| gid.to_string(), |group| group.name)
}

/// Checks a file that is open.
///
/// # Errors
/// Others may change it.
pub(super) fn check_file(path: &Path, file: &File, account: &Account) -> Result<(), Untrusted> {
    let list = rustix::fs::fgetxattr_query(file, ACCESS_LIST);
    judge(Kind::File, path, file.metadata(), list.is_ok(), account)
}

/// Checks the folder that holds a file.
///
/// # Errors
/// Others may replace what is in it.
pub(super) fn check_folder(path: &Path, account: &Account) -> Result<(), Untrusted> {
    let list = rustix::fs::getxattr_query(path, ACCESS_LIST);
    judge(Kind::Folder, path, fs::metadata(path), list.is_ok(), account)
}

/// Checks a symbolic link itself.
///
/// # Errors
/// It is somebody else's.
pub(super) fn check_link(path: &Path, account: &Account) -> Result<(), Untrusted> {
    judge(Kind::Link, path, fs::symlink_metadata(path), false, account)
}

fn judge(
    kind: Kind,
    path: &Path,
    metadata: io::Result<Metadata>,
    has_access_list: bool,
    account: &Account,
) -> Result<(), Untrusted> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(cause) => return Err(Untrusted::Unreadable { path, cause }),
    };
    let rights = Rights::new(&metadata, has_access_list);
    let Some(found) = stranger(kind, rights, account) else { return Ok(()) };
    let Rights { uid, gid, mode, .. } = rights;
    let noun = match kind {
        Kind::File => "the file",
        Kind::Folder => "the folder",
        Kind::Link => "the link",
    };
    let (what, me) = (format!("{noun} {}", path.display()), user_name(account.uid));
    let shown = path.to_string_lossy();
    let shown = shlex::try_quote(&shown).unwrap_or_default();
    let (who, cure) = match found {
        Stranger::Owner => {
            let owners = if account.uid == ROOT { me.clone() } else { format!("{me} or root") };
            (format!("{what} belongs to {}, not to {owners}", user_name(uid)), format!("chown -h {me} {shown}"))
        }
        Stranger::Everybody => (format!("everybody may write to {what}"), format!("chmod o-w {shown}")),
        Stranger::Group => {
            let group = group_name(gid);
            (
                format!("the group {group}, which may have other members, may write to {what}"),
                format!("chmod g-w {shown}"),
            )
        }
        Stranger::AccessList => {
            (format!("an access control list lets others write to {what}"), format!("setfacl -b {shown}"))
        }
    };
    Err(Untrusted::Writable { who, owner: Owner { uid, gid }, mode, cure })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const ME: u32 = 1000;
    const OTHER: u32 = 1001;
    const MINE: u32 = 1000;
    const STAFF: u32 = 50;

    fn account() -> Account {
        Account { uid: ME, private_groups: vec![MINE, ROOT] }
    }

    fn rights(uid: u32, gid: u32, mode: u32) -> Rights {
        Rights { uid, gid, mode, has_access_list: false }
    }

    #[test]
    fn a_file_is_trusted_where_only_its_user_and_root_may_write() {
        for (uid, gid, mode, expected) in [
            (ME, MINE, 0o644, None),
            (ME, STAFF, 0o600, None),
            (ME, STAFF, 0o644, None),
            (ROOT, ROOT, 0o644, None),
            (ROOT, STAFF, 0o640, None),
            // As a umask of 002 has it.
            (ME, MINE, 0o664, None),
            (ROOT, ROOT, 0o664, None),
            (ROOT, MINE, 0o660, None),
            // Reading it may everybody.
            (ME, STAFF, 0o755, None),
            (OTHER, MINE, 0o600, Some(Stranger::Owner)),
            (OTHER, MINE, 0o400, Some(Stranger::Owner)),
            (ME, STAFF, 0o664, Some(Stranger::Group)),
            (ME, STAFF, 0o620, Some(Stranger::Group)),
            (ROOT, STAFF, 0o660, Some(Stranger::Group)),
            (ME, MINE, 0o646, Some(Stranger::Everybody)),
            (ME, MINE, 0o602, Some(Stranger::Everybody)),
            (ROOT, ROOT, 0o666, Some(Stranger::Everybody)),
            // The sticky bit of a file means nothing.
            (ME, MINE, 0o1666, Some(Stranger::Everybody)),
        ] {
            let found = stranger(Kind::File, rights(uid, gid, mode), &account());
            assert_eq!(found, expected, "uid {uid}, gid {gid}, mode {mode:o}");
        }
    }

    #[test]
    fn root_trusts_root_alone() {
        let root = Account { uid: ROOT, private_groups: vec![ROOT] };
        assert_eq!(stranger(Kind::File, rights(ROOT, ROOT, 0o664), &root), None);
        assert_eq!(stranger(Kind::File, rights(ME, MINE, 0o600), &root), Some(Stranger::Owner));
        assert_eq!(stranger(Kind::File, rights(ROOT, MINE, 0o664), &root), Some(Stranger::Group));
    }

    #[test]
    fn without_a_private_group_no_group_may_write() {
        let lonely = Account { uid: ME, private_groups: Vec::new() };
        assert_eq!(stranger(Kind::File, rights(ME, MINE, 0o664), &lonely), Some(Stranger::Group));
        assert_eq!(stranger(Kind::File, rights(ME, MINE, 0o644), &lonely), None);
    }

    #[test]
    fn in_a_sticky_folder_only_the_owner_of_an_entry_replaces_it() {
        let folder = |uid, gid, mode| stranger(Kind::Folder, rights(uid, gid, mode), &account());
        assert_eq!(folder(ROOT, ROOT, 0o1777), None, "as /tmp");
        assert_eq!(folder(ME, STAFF, 0o1775), None);
        assert_eq!(folder(ROOT, ROOT, 0o777), Some(Stranger::Everybody));
        assert_eq!(folder(ROOT, STAFF, 0o2775), Some(Stranger::Group));
        assert_eq!(folder(ME, MINE, 0o775), None);
        assert_eq!(folder(OTHER, MINE, 0o755), Some(Stranger::Owner));
        assert_eq!(folder(OTHER, MINE, 0o1777), Some(Stranger::Owner), "its owner may, sticky or not");
    }

    #[test]
    fn of_a_link_only_the_owner_counts() {
        let link = |uid| stranger(Kind::Link, rights(uid, STAFF, 0o777), &account());
        assert_eq!((link(ME), link(ROOT), link(OTHER)), (None, None, Some(Stranger::Owner)));
    }

    #[test]
    fn the_mask_of_an_access_list_is_not_the_group_alone() {
        let with_list = |mode| {
            let rights = Rights { has_access_list: true, ..rights(ME, MINE, mode) };
            stranger(Kind::File, rights, &account())
        };
        assert_eq!(with_list(0o664), Some(Stranger::AccessList));
        assert_eq!(with_list(0o644), None, "its mask lets nobody write");
    }

    #[test]
    fn a_group_is_private_where_it_is_named_as_its_only_member() {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(is_private("netops", &list(&[]), "netops"));
        assert!(is_private("netops", &list(&["netops", "root"]), "netops"));
        assert!(!is_private("netops", &list(&["netops", "mallory"]), "netops"));
        assert!(!is_private("staff", &list(&[]), "netops"), "who else has it as primary group is not told");
        assert!(is_private("root", &list(&[]), "root"));
    }

    #[test]
    fn an_error_says_whose_it_is_why_and_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("slaudit.toml");
        fs::write(&path, "").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o646)).expect("a mode");
        let file = File::open(&path).expect("open");
        let said = check_file(&path, &file, &Account::current()).expect_err("everybody may write");
        assert_eq!(said.cure(), Some(&*format!("chmod o-w {}", path.display())));
        let said = said.to_string();
        let me = user_name(Uid::effective().as_raw());
        for part in ["everybody may write to the file /", "slaudit.toml (owner ", &me, ", group ", ", mode 0646)"] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        // The mode is that of what was opened, whatever the path names by now.
        fs::rename(&path, folder.path().join("other")).expect("renamed");
        fs::write(&path, "").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        assert!(check_file(&path, &file, &Account::current()).is_err(), "the path is not asked again");
        let file = File::open(&path).expect("open");
        check_file(&path, &file, &Account::current()).expect("nobody else may write");
        // A stranger's: judged as another account, so that nobody needs to be root.
        let stranger = Account { uid: Uid::effective().as_raw() + 4711, private_groups: Vec::new() };
        let found = check_file(&path, &file, &stranger);
        match Uid::effective().as_raw() {
            ROOT => found.expect("root's files are everybody's to trust"),
            _ => assert!(found.expect_err("not mine").to_string().contains(&format!(" belongs to {me}, not to "))),
        }
    }
}
