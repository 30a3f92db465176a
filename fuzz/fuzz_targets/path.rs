//! Any path in every mode of normalization.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::manifest::kinds::PathNormalization;
use meshsec::simulate::http::normalize;

const MODES: [PathNormalization; 4] =
    [PathNormalization::None, PathNormalization::Base, PathNormalization::MergeSlashes, PathNormalization::DecodeAndMergeSlashes];

fuzz_target!(|data: &str| {
    for mode in MODES {
        // A target without a slash never gets this far; it must not panic all the same.
        let _ = normalize(data, mode);
        let path = format!("/{data}");
        check(&path, mode);
    }
});

fn check(path: &str, mode: PathNormalization) {
    let cut = path.split('#').next().unwrap_or_default();
    let once = match normalize(path, mode) {
        Ok(once) => once,
        Err(error) => {
            assert!(mode != PathNormalization::None && path.contains("%00"), "{path:?} {mode:?}: {error}");
            return;
        }
    };
    assert!(once.starts_with('/'), "{path:?} {mode:?}: {once:?}");
    if mode == PathNormalization::None {
        assert_eq!(once, cut);
        return;
    }
    let query = |text: &str| text.split_once('?').map(|(_, query)| query.to_owned());
    assert_eq!(query(&once), query(cut), "{path:?} {mode:?}: {once:?}");
    let bare = once.split('?').next().unwrap_or_default();
    assert!(bare.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?} {mode:?}: {once:?}");
    assert!(!bare.contains('\\'), "{path:?} {mode:?}: {once:?}");
    assert!(!bare.split('/').any(|segment| matches!(segment, "." | "..")), "{path:?} {mode:?}: {once:?}");
    if mode != PathNormalization::Base {
        assert!(bare == "//" || !bare.contains("//"), "{path:?} {mode:?}: {once:?}");
    }
    if mode == PathNormalization::DecodeAndMergeSlashes {
        // Escaped slashes are gone, and unescaping a digit makes no new ones.
        let lower = bare.to_ascii_lowercase();
        assert!(!lower.contains("%2f") && !lower.contains("%5c"), "{path:?} {mode:?}: {once:?}");
    }
    // Parameters of dot segments that only unescaping made stay, and a NUL, which no request holds, becomes an escape that is refused:
    // without them the result is settled.
    if !bare.contains(';') && !path.contains('\0') {
        assert_eq!(normalize(&once, mode).as_deref(), Ok(&*once), "{path:?} {mode:?}");
    }
}
