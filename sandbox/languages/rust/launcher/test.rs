// Runs the test programs of /tmp/tests one after the other. libtest's own events, a line of JSON each, go to
// /tmp/report.jsonl as they come; here is written what they mean for people.
//
// The events are an unstable option, which RUSTC_BOOTSTRAP opens: only for these programs, and only their reporting.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::process::{exit, Command, Stdio};

fn main() -> io::Result<()> {
    let mut programs: Vec<_> = fs::read_dir("/tmp/tests")?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    programs.sort();
    let mut report = File::create("/tmp/report.jsonl")?;
    let mut passed = true;
    for program in programs {
        let mut tests = Command::new(&program)
            .args(["-Z", "unstable-options", "--format", "json", "--report-time"])
            .args(std::env::args_os().skip(1))
            .env("RUSTC_BOOTSTRAP", "1")
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(tests.stdout.take().expect("its output is a pipe"));
        for line in lines.split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            writeln!(report, "{line}")?;
            show(&line);
        }
        passed &= tests.wait()?.success();
    }
    exit(if passed { 0 } else { 101 });
}

fn show(line: &str) {
    // Something a test wrote past its captured output.
    if !line.starts_with('{') {
        println!("{line}");
        return;
    }
    if text_of(line, "type").as_deref() != Some("test") {
        return;
    }
    match (text_of(line, "event").unwrap_or_default(), text_of(line, "name")) {
        (event, Some(name)) if event != "started" => {
            println!("test {name} ... {}", if event == "failed" { "FAILED" } else { event.as_str() });
            for said in ["stdout", "message"].iter().filter_map(|key| text_of(line, key)) {
                for line in said.lines() {
                    println!("    {line}");
                }
            }
        }
        _ => {}
    }
}

/// The text under a key of one flat object, as libtest writes it: no spaces inside names, every quote of a value escaped.
fn text_of(line: &str, key: &str) -> Option<String> {
    let marked = format!("\"{key}\": \"");
    let start = line.find(&marked)? + marked.len();
    let mut text = String::new();
    let mut letters = line[start..].chars();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => match letters.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'b' | 'f' => {}
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    text.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
                }
                escaped => text.push(escaped),
            },
            letter => text.push(letter),
        }
    }
}
