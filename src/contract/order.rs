//! The order in which sources run: after those they name in `after`, ties by id.

use std::collections::{BTreeMap, BTreeSet};

/// What each source waits for.
pub(super) type Edges<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The sources in order. Names that are no source of `edges` are not waited for; sources that
/// wait for themselves, whatever the way, come last, in order of id.
pub(super) fn sorted<'a>(edges: &Edges<'a>) -> Vec<&'a str> {
    let mut left: BTreeMap<&str, BTreeSet<&str>> = edges.clone();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready = left
            .iter()
            .find(|(_, after)| after.iter().all(|other| !left.contains_key(other)))
            .or_else(|| left.iter().next())
            .map(|(id, _)| *id);
        let Some(id) = ready else { break };
        left.remove(id);
        order.push(id);
    }
    order
}

/// The way from `from` back to itself, when there is one: `[a, b, a]`.
pub(super) fn cycle<'a>(edges: &Edges<'a>, from: &'a str) -> Option<Vec<&'a str>> {
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(id) = queue.pop_front() {
        for next in edges.get(id).into_iter().flatten().copied() {
            if next == from {
                return Some(way(&came, from, id));
            }
            if edges.contains_key(next) && !came.contains_key(next) {
                came.insert(next, id);
                queue.push_back(next);
            }
        }
    }
    None
}

fn way<'a>(came: &BTreeMap<&'a str, &'a str>, from: &'a str, last: &'a str) -> Vec<&'a str> {
    let mut way = vec![from, last];
    let mut id = last;
    while id != from {
        let Some(before) = came.get(id).copied() else {
            break;
        };
        way.push(before);
        id = before;
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::{Edges, cycle, sorted};

    fn edges<'a>(pairs: &[(&'a str, &[&'a str])]) -> Edges<'a> {
        pairs
            .iter()
            .map(|(id, after)| (*id, after.iter().copied().collect()))
            .collect()
    }

    #[test]
    fn sources_run_after_what_they_name_and_else_by_id() {
        let edges = edges(&[
            ("zrm", &["wot"]),
            ("wot", &["cbs"]),
            ("cbs", &[]),
            ("aap", &["zrm"]),
        ]);
        assert_eq!(sorted(&edges), ["cbs", "wot", "zrm", "aap"]);
    }

    #[test]
    fn ties_go_by_id_and_strangers_are_not_waited_for() {
        assert_eq!(
            sorted(&edges(&[("b", &["x"]), ("a", &[]), ("c", &[])])),
            ["a", "b", "c"]
        );
    }

    #[test]
    fn a_cycle_is_shown_whole() {
        let edges = edges(&[
            ("a", &["b"]),
            ("b", &["c"]),
            ("c", &["a"]),
            ("d", &["a"]),
            ("e", &["e"]),
        ]);
        assert_eq!(cycle(&edges, "a").unwrap(), ["a", "b", "c", "a"]);
        assert_eq!(cycle(&edges, "e").unwrap(), ["e", "e"]);
        assert_eq!(cycle(&edges, "d"), None);
    }
}
