//! The commands, one file each.

pub(crate) mod can_i;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod test;
