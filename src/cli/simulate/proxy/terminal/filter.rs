/// Words that a line must have, and words that it must not.
#[derive(Debug, Default)]
pub(super) struct Filter {
    text: String,
    shown: u64,
    seen: u64,
}

impl Filter {
    pub(super) fn new(text: String) -> Self {
        Self { text, shown: 0, seen: 0 }
    }

    /// Whether a line is to be shown; it is only made when that depends on it.
    pub(super) fn takes(&mut self, line: impl FnOnce() -> String) -> bool {
        if self.text.trim().is_empty() {
            return true;
        }
        let line = line().to_lowercase();
        let takes = self.text.to_lowercase().split_whitespace().all(|word| match word.strip_prefix('-') {
            Some(unwanted) if !unwanted.is_empty() => !line.contains(unwanted),
            _ => line.contains(word),
        });
        self.seen += 1;
        self.shown += u64::from(takes);
        takes
    }

    /// What is left out, in words; nothing when nothing is.
    pub(super) fn describe(&self) -> String {
        if self.text.trim().is_empty() {
            return String::new();
        }
        let text: String = self.text.chars().filter(|character| !character.is_control()).collect();
        format!("   filter `{text}`: {} of {} shown, Esc ends it", self.shown, self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_chosen_by_their_words() {
        let line = "10:00:00.000 cluster.local/ns/a/sa/b -> :80 GET /Admin denied 403 shop/deny";
        let mut wrong = Vec::new();
        for (text, expected) in [
            ("", true),
            ("  ", true),
            ("denied", true),
            ("DENIED /admin", true),
            ("denied POST", false),
            ("-denied", false),
            ("-allowed get", true),
            ("-", true),
            ("nothing", false),
        ] {
            if Filter::new(text.to_owned()).takes(|| line.to_owned()) != expected {
                wrong.push(text);
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn without_a_filter_no_line_is_made() {
        assert!(Filter::default().takes(|| panic!("a line was made")));
    }
}
