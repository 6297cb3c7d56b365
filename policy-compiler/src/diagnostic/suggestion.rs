//! "Did you mean": the known word that is nearest to a misspelt one.

/// Longest word that is compared.
const LONGEST: usize = 64;

/// The candidate that differs least from `word`, if it is near enough to be what was meant.
#[must_use]
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let tolerated = length.div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: the fewest characters to insert, remove or replace.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, from) in from.chars().enumerate() {
        let mut next = vec![line.saturating_add(1)];
        for (pair, to) in row.windows(2).zip(&to) {
            let &[diagonal, above] = pair else { continue };
            let replaced = diagonal.saturating_add(usize::from(*to != from));
            let left = next.last().copied().unwrap_or_default();
            next.push(replaced.min(left.min(above).saturating_add(1)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_nearest_word_is_suggested() {
        let words = ["tools", "prompts", "resources"];
        assert_eq!(closest("tool", words), Some("tools"));
        assert_eq!(closest("resorces", words), Some("resources"));
        assert_eq!(closest("egress", words), None);
    }
}
