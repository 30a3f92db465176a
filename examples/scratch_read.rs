use std::collections::BTreeMap;
fn main() {
    let mut map = meshsec::diag::SourceMap::default();
    let mut ids = Vec::new();
    for p in std::env::args().skip(1) {
        let Ok(b) = std::fs::read(&p) else { continue };
        match meshsec::manifest::text_of(&b) {
            Ok(t) => ids.push(map.add(p, t)),
            Err(e) => println!("{p}: {e}"),
        }
    }
    let start = std::time::Instant::now();
    let m = meshsec::manifest::read(&map, &ids);
    let t = start.elapsed();
    for f in &m.findings {
        let at = f.primary.as_ref().map(|l| map.position(l.span.0).to_string()).unwrap_or_default();
        println!("{}[{}] {at}: {} | {:?} {:?}", f.severity, f.code, f.headline, f.help, f.notes);
    }
    let mut kinds = BTreeMap::new();
    for d in &m.documents {
        *kinds.entry(format!("{:?}", d.body).split(['(', ' ']).next().unwrap().to_string()).or_insert(0) += 1;
    }
    eprintln!("{} files {} docs {:?} in {t:?}", m.files, m.documents.len(), kinds);
}
