//! Pods that come and go, and programs that fail, hang or leave others behind.

use super::common::Folder;
use super::{DEPLOY, HEALTHY, POLICY, doctor, folder, program};

/// The pod that was recorded, under this name.
fn pod(name: &str) -> serde_json::Value {
    let facts: serde_json::Value = serde_json::from_str(HEALTHY).unwrap();
    let objects = facts["objects"].as_array().unwrap();
    let is_pod = |object: &&serde_json::Value| object["kind"] == "Pod";
    let mut pod = objects.iter().find(is_pod).unwrap().clone();
    pod["metadata"]["name"] = name.into();
    pod["metadata"]["uid"] = name.into();
    pod
}

fn list(names: &[&str]) -> String {
    let pods: Vec<_> = names.iter().map(|name| pod(name)).collect();
    serde_json::json!({ "items": pods }).to_string()
}

#[test]
fn a_pod_that_is_gone_when_it_is_asked_is_no_alarm() {
    let gone = "case \"$*\" in
        get*' pods '*) cat pods.json; mv later.json pods.json 2>/dev/null || true;;
        get*) echo '{\"items\": []}';;
        *pod/github-1*) echo 'Error from server (NotFound): pods \"github-1\" not found' >&2; exit 1;;
        *) echo '{}';;
    esac";
    for (later, is_there) in [
        (["github-0", "github-2"], false),
        (["github-0", "github-1"], true),
    ] {
        let folder = folder();
        folder.write("pods.json", &list(&["github-0", "github-1"]));
        folder.write("later.json", &list(&later));
        program(&folder, gone);
        let ran = doctor(&folder, &["--kubectl", "./kubectl"]);
        ran.status_is(1);
        let named = ran.stdout.contains("[?] proxy, github-1, page config_dump: could not be read: Error from server (NotFound)");
        assert_eq!(named, is_there, "{ran:?}");
        assert_eq!(ran.stdout.contains("github-1"), is_there, "{ran:?}");
        // Who came meanwhile is asked as the others are.
        let calls = folder.read("calls");
        assert_eq!(calls.contains("pod/github-2"), !is_there, "{calls}");
        assert_eq!(calls.matches(" pods -n ai-agents ").count(), 2, "{calls}");
    }
}

#[test]
fn a_pod_that_is_gone_when_it_is_probed_is_no_alarm() {
    let folder = folder();
    folder.write("pods.json", &list(&["github-0"]));
    folder.write("later.json", "{\"items\": []}");
    program(
        &folder,
        "case \"$*\" in
            get*' pods '*) cat pods.json; mv later.json pods.json 2>/dev/null || true;;
            get*) echo '{\"items\": []}';;
            create*) echo 'Error from server (NotFound): pods \"github-0\" not found' >&2; exit 1;;
            *) echo '{}';;
        esac",
    );
    let ran = doctor(&folder, &["--kubectl", "./kubectl", "--probe"]);
    ran.status_is(1);
    assert!(
        folder
            .read("calls")
            .contains("create --request-timeout=20s --raw ")
    );
    assert!(!ran.stdout.contains("github-0"), "{ran:?}");
    assert!(
        ran.stdout.contains("no pod of the workload runs"),
        "{ran:?}"
    );
}

#[test]
fn a_pod_that_takes_the_place_of_another_is_probed() {
    let refused = "echo 'Error from server (Forbidden): RBAC: access denied' >&2; exit 1";
    let gone = "echo \"Error from server (NotFound): pods \\\"github-1\\\" not found\" >&2; exit 1";
    for (answer, wanted) in [
        (
            refused,
            "[x] probe, github-1:8080: a stranger's plain request was refused",
        ),
        (
            gone,
            "[?] probe, github-1:8080: the request could not be sent",
        ),
    ] {
        let folder = folder();
        folder.write("pods.json", &list(&["github-0"]));
        folder.write("later.json", &list(&["github-1"]));
        program(
            &folder,
            &format!(
                "case \"$*\" in
                    get*' pods '*) cat pods.json; mv later.json pods.json 2>/dev/null || true;;
                    get*) echo '{{\"items\": []}}';;
                    create*github-0*) echo 'Error from server (NotFound): pods \"github-0\" not found' >&2; exit 1;;
                    create*) {answer};;
                    *) echo '{{}}';;
                esac"
            ),
        );
        let ran = doctor(&folder, &["--kubectl", "./kubectl", "--probe"]);
        ran.status_is(1);
        assert!(ran.stdout.contains(wanted), "{ran:?}");
        assert!(!ran.stdout.contains("github-0"), "{ran:?}");
    }
}

/// What an API server, or a proxy before it, says of a list that it cannot give.
#[test]
fn only_one_object_may_be_absent() {
    let folder = folder();
    folder.write("pods.json", &list(&["github-0"]));
    program(
        &folder,
        "case \"$*\" in
            get*' pods '*) cat pods.json;;
            get*' envoyfilters'*) echo 'Error from server (NotFound): Unable to list \"networking.istio.io/v1alpha3, Resource=envoyfilters\": the server could not find the requested resource' >&2; exit 1;;
            get*' sidecars'*) echo \"error: the server doesn't have a resource type \\\"sidecars\\\"\" >&2; exit 1;;
            get*' namespaces'*) echo 'Error from server (NotFound): namespaces \"ai-agents\" not found' >&2; exit 1;;
            get*) echo '{\"items\": []}';;
            *) echo '{}';;
        esac",
    );
    let ran = doctor(&folder, &["--kubectl", "./kubectl"]);
    ran.status_is(1);
    let wanted = "[?] facts, envoyfilters of ai-agents: could not be read: Error from server (NotFound): Unable to list";
    assert!(ran.stdout.contains(wanted), "{ran:?}");
    for absent in ["facts, sidecars", "facts, namespaces"] {
        assert!(!ran.stdout.contains(absent), "{ran:?}");
    }
}

#[test]
fn a_program_that_leaves_another_behind_holds_nothing_up() {
    let folder = folder();
    folder.write("pods.json", &list(&["github-0"]));
    program(
        &folder,
        "case \"$*\" in get*' pods '*) cat pods.json;; get*) echo '{\"items\": []}';; *) sleep 50 & echo '{}';; esac",
    );
    let began = std::time::Instant::now();
    doctor(&folder, &["--kubectl", "./kubectl"]).status_is(1);
    doctor(
        &folder,
        &[
            "--kubectl",
            "./kubectl",
            "--proxy-admin",
            "./kubectl ask {pod}",
        ],
    )
    .status_is(1);
    assert!(began.elapsed() < std::time::Duration::from_secs(40));
}

#[test]
fn a_program_that_fails_leaves_the_rest_of_the_report() {
    let folder = folder();
    folder.write("pods.json", &list(&["github-0"]));
    program(
        &folder,
        "case \"$*\" in get*' pods '*) cat pods.json;; get*' envoyfilters'*) kill -9 $$;; get*) echo '{\"items\": []}';; create*) kill -9 $$;; *) echo '{}';; esac",
    );
    let options = [
        "--kubectl",
        "./kubectl",
        "--probe",
        "--proxy-admin",
        "./nothing {pod}",
    ];
    let ran = doctor(&folder, &options);
    ran.status_is(1);
    for wanted in [
        "[?] facts, envoyfilters of ai-agents: could not be read: it says nothing",
        "[?] proxy, github-0, page config_dump: could not be read: cannot run `./nothing`",
        "[?] probe, github-0:8080: the request could not be sent",
        "[ ] objects, Sidecar ai-agents/github-mcp-server: is not in the cluster",
    ] {
        assert!(ran.stdout.contains(wanted), "{wanted}: {ran:?}");
    }
}

#[test]
fn a_policy_that_could_not_be_tried_leaves_the_report_of_the_others() {
    let folder = Folder::of(&[
        ("fleet/one/policy.yaml", POLICY),
        ("fleet/one/deploy.yaml", DEPLOY),
        (
            "fleet/two/policy.yaml",
            &POLICY.replace("github-mcp-server", "other"),
        ),
        (
            "fleet/two/deploy.yaml",
            &DEPLOY
                .replace("github-mcp-server", "other")
                .replace("ai-agents", "elsewhere"),
        ),
        ("pods.json", &list(&["github-0"])),
    ]);
    program(
        &folder,
        "case \"$*\" in *' elsewhere '*|*istio-system*|*kube-system*) echo 'error: Unauthorized' >&2; exit 1;; get*' pods '*) cat pods.json;; get*) echo '{\"items\": []}';; *) echo '{}';; esac",
    );
    let ran = folder.run(&[
        "doctor",
        "fleet",
        "--kubectl",
        "./kubectl",
        "--format",
        "json",
    ]);
    ran.status_is(2);
    assert!(
        ran.stderr
            .contains("error: cannot read namespaces elsewhere of elsewhere: error: Unauthorized"),
        "{ran:?}"
    );
    let reports: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), 1, "{ran:?}");
    assert_eq!(reports[0]["server"], "github-mcp-server");
}
