//! Any bytes as manifests put to the gates of `kubectl apply`: judged without a panic, the same each time, every place in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::admission;
use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::manifest::yaml;
use meshsec_fuzz::spans;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = manifest::text_of(data) else { return };
    let mut sources = SourceMap::default();
    let id = sources.add("fuzz.yaml", text);
    for root in yaml::documents(id, text).filter_map(|parsed| parsed.root) {
        let Some(verdict) = admission::judge(&root, "default") else { continue };
        for refusal in verdict.api_server.iter().chain(&verdict.istiod).chain(verdict.after_api_server.iter().flatten()) {
            spans::check(refusal.span, &sources, &refusal.path);
            assert!(!refusal.message.is_empty(), "a refusal without a reason");
        }
        for warning in &verdict.warnings {
            spans::check(warning.span, &sources, &warning.path);
        }
        let again = admission::judge(&root, "default").expect("judged before");
        assert_eq!(verdict.is_accepted(), again.is_accepted());
        assert_eq!(verdict.is_accepted_by_istiod(), again.is_accepted_by_istiod());
        assert!(!verdict.is_accepted() || verdict.is_accepted_by_api_server(), "accepted without the API server");
    }
});
