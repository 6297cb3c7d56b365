//! The files of one compilation, and places in them.

/// Which file: its number in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(u32);

/// A run of bytes of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Byte at which it begins.
    pub start: usize,
    /// Byte behind its end.
    pub end: usize,
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: change(self.value),
            span: self.span,
        }
    }
}

/// The values alone, in the order of the text.
pub(crate) fn values(spanned: &[Spanned<String>]) -> impl Iterator<Item = &str> {
    spanned.iter().map(|text| text.value.as_str())
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// What messages call it: the path as the user gave it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The bytes at which its lines begin, but for the first.
    lines: Vec<usize>,
}

/// Every file of one compilation. The compiler reads no file itself: whoever calls it does.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let text = text.into();
        let ends = text.match_indices('\n');
        self.files.push(Source {
            name: name.into(),
            lines: ends.map(|(end, _)| end.saturating_add(1)).collect(),
            text,
        });
        id
    }

    /// A file's text.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.get(file).map_or("", |source| source.text.as_str())
    }

    /// A file's name.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.get(file).map_or("", |source| source.name.as_str())
    }

    /// What stands at a place.
    #[must_use]
    pub fn snippet(&self, span: Span) -> &str {
        self.text(span.file)
            .get(span.start..span.end)
            .unwrap_or_default()
    }

    /// Line and column of a span's beginning, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let Some(source) = self.get(span.file) else {
            return (1, 1);
        };
        let before = source.lines.partition_point(|start| *start <= span.start);
        let start = before
            .checked_sub(1)
            .and_then(|line| source.lines.get(line));
        let line = source.text.get(start.copied().unwrap_or(0)..span.start);
        let column = line.map_or(0, |line| line.chars().count());
        (before.saturating_add(1), column.saturating_add(1))
    }

    fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(usize::try_from(file.0).ok()?)
    }
}
