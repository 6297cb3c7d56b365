//! The commands, one file each.

pub(crate) mod approve;
pub(crate) mod can_i;
pub(crate) mod check;
pub(crate) mod checklist;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod schema;
pub(crate) mod test;

/// `name:value`, as curl takes headers.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("it is not `name:value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
