//! Which policies the command line means, and which deployment belongs to each.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a policy is called in a folder of its own.
pub(crate) const POLICY: &str = "policy.yaml";

/// What the server's tools are called beside it.
pub(crate) const TOOLS: &str = "tools.json";

/// What its deployment is called beside it.
pub(crate) const DEPLOY: &str = "deploy.yaml";

/// How `--deploy` and folders go together, for the help of every command.
pub(crate) const HELP: &str = "A POLICY that is a file is deployed as `--deploy` says; no file is \
    taken unnamed.\nA POLICY that is a folder holds `policy.yaml` and `deploy.yaml`, or is a fleet: \
    a folder of such folders.\nThere `--deploy NAME` names another file of each folder, \
    `--deploy deploy-prod.yaml` say.";

/// What the command line names.
#[derive(Clone, Copy)]
pub(crate) struct Selection<'a> {
    /// Files and folders.
    pub(crate) policies: &'a [PathBuf],
    /// Where they run.
    pub(crate) deploy: &'a [PathBuf],
    /// What the only server has.
    pub(crate) tools: Option<&'a Path>,
}

/// One policy, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// The policy file.
    pub(crate) policy: PathBuf,
    /// The deployment file.
    pub(crate) deploy: Option<PathBuf>,
    /// What the server was seen to have, where it is not in the file of the usual name.
    pub(crate) tools: Option<PathBuf>,
}

/// Why no policy could be selected.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// A folder without a policy in it.
    NoPolicy(PathBuf),
    /// `--deploy` is a path where it should be a name.
    NotAName(PathBuf),
    /// One list of tools for several policies.
    ToolsOfSeveral,
    /// Neither one deployment nor one for each policy.
    Count { policies: usize, deployments: usize },
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPolicy(folder) => write!(
                f,
                "`{}` holds no `{POLICY}`, nor does a folder in it",
                folder.display()
            ),
            Self::NotAName(path) => write!(
                f,
                "the policies are in folders, so `--deploy` names a file of each folder, and `{}` is a path",
                path.display()
            ),
            Self::ToolsOfSeveral => f.write_str(
                "`--tools` is about one policy: in folders, put `tools.json` beside each `policy.yaml`",
            ),
            Self::Count {
                policies,
                deployments,
            } => write!(
                f,
                "{policies} policies and {deployments} deployments: give one `--deploy` for each policy, in their order"
            ),
        }
    }
}

impl Selection<'_> {
    /// The policies that are meant.
    pub(crate) fn selected(self) -> Result<Vec<Selected>, Unusable> {
        let (policies, deployments) = (self.policies.len(), self.deploy.len());
        if deployments > 1 && deployments != policies {
            return Err(Unusable::Count {
                policies,
                deployments,
            });
        }
        let mut selected = Vec::new();
        for (number, policy) in self.policies.iter().enumerate() {
            let deploy = self.deploy.get(number).or(self.deploy.first());
            if policy.is_dir() {
                selected.extend(in_folder(policy, deploy)?);
                continue;
            }
            selected.push(Selected {
                policy: policy.clone(),
                deploy: deploy.cloned(),
                tools: None,
            });
        }
        match (selected.as_mut_slice(), self.tools) {
            (_, None) => {}
            ([only], Some(tools)) => only.tools = Some(tools.into()),
            _ => return Err(Unusable::ToolsOfSeveral),
        }
        Ok(selected)
    }
}

/// Whether a folder is a fleet: it holds policies in folders, and none itself.
pub(crate) fn is_fleet(path: &Path) -> bool {
    path.is_dir() && !path.join(POLICY).is_file()
}

fn in_folder(folder: &Path, deploy: Option<&PathBuf>) -> Result<Vec<Selected>, Unusable> {
    if let Some(path) = deploy.filter(|path| path.components().count() != 1) {
        return Err(Unusable::NotAName(path.clone()));
    }
    if !is_fleet(folder) {
        return Ok(vec![of_folder(folder, deploy)]);
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join(POLICY).is_file())
        .collect();
    folders.sort();
    if folders.is_empty() {
        return Err(Unusable::NoPolicy(folder.into()));
    }
    Ok(folders.iter().map(|path| of_folder(path, deploy)).collect())
}

fn of_folder(folder: &Path, deploy: Option<&PathBuf>) -> Selected {
    // A file that was asked for by name must be there; the usual one may be missing.
    let deploy = match deploy {
        Some(name) => Some(folder.join(name)),
        None => Some(folder.join(DEPLOY)).filter(|path| path.is_file()),
    };
    Selected {
        policy: folder.join(POLICY),
        deploy,
        tools: None,
    }
}
