use super::*;

fn values(template: &str, path: &str) -> Option<String> {
    let values = Template::parse(template).unwrap().matches(path)?;
    Some(values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","))
}

#[test]
fn matches_paths() {
    for (template, path, expected) in [
        ("hello", "/Hello", Some("")),
        ("hello", "/hello/", Some("")),
        ("hello", "/hello//", None),
        ("hello", "//hello", None),
        ("hello", "/hello/more", None),
        ("CAFÉ", "/café", Some("")),
        ("rows/{id}", "/rows/7", Some("id=7")),
        ("rows/{id}", "/rows/7/", Some("id=7")),
        ("rows/{id}", "/rows/a%2Fb", Some("id=a%2Fb")),
        ("rows/{id}", "/rows", None),
        ("rows/{id}", "/rows//", None),
        ("rows/{id?}", "/rows", Some("")),
        ("rows/{id=1}", "/rows", Some("id=1")),
        ("rows/{id=1}", "/rows/2", Some("id=2")),
        ("rows/{id:int=x}", "/rows", None),
        ("rows/{id:int?}", "/rows", Some("")),
        ("rows/{id:int?}", "/rows/x", None),
        ("{a=1}/{b=2}", "/", Some("a=1,b=2")),
        ("files/{*path}", "/files/a/b c", Some("path=a/b c")),
        ("files/{*path}", "/files/a/b/", Some("path=a/b/")),
        ("files/{*path}", "/files/a//b", Some("path=a//b")),
        ("files/{*path}", "/files//a", None),
        ("files/{**path}", "/files/", Some("")),
        ("files/{*path=index.html}", "/files", Some("path=index.html")),
        ("files/{*path:int}", "/files", None),
        ("files/{*path:nonfile}", "/files", Some("")),
        ("{name}", "/café", Some("name=café")),
        ("", "/", Some("")),
        ("", "/x", None),
        ("a{{b}}", "/a{b}", Some("")),
    ] {
        assert_eq!(values(template, path).as_deref(), expected, "{template} {path}");
    }
}

#[test]
fn matches_segments_of_several_parts() {
    for (template, path, expected) in [
        ("files/{id}.json", "/files/7.json", Some("id=7")),
        ("files/{id}.json", "/files/7.JSON/", Some("id=7")),
        ("files/{id}.json", "/files/.json", None),
        ("files/{id}.json", "/files/7.xml", None),
        ("files/{id}.json", "/files/7.json.bak", None),
        ("files/{name}.{extension}", "/files/a.b.c", Some("name=a.b,extension=c")),
        ("files/{name}.{extension}", "/files/a", None),
        ("files/{name}.{extension?}", "/files/a", Some("name=a")),
        ("files/{name}.{extension?}", "/files/a.b", Some("name=a,extension=b")),
        ("files/{name}.{extension?}", "/files/a.", None),
        ("v{major:int}.{minor:int}", "/v1.12", Some("major=1,minor=12")),
        ("v{major:int}.{minor:int}", "/v1.x", None),
        ("v{major:int}.{minor:int}", "/xv1.2", None),
        ("{from}-to-{to}", "/a-to-b-to-c", Some("from=a-to-b,to=c")),
        ("x{a}y{b}z", "/xAyBz", Some("a=A,b=B")),
        ("x{a}y", "/xy", None),
        ("{a}é{b}", "/1É2", Some("a=1,b=2")),
    ] {
        assert_eq!(values(template, path).as_deref(), expected, "{template} {path}");
    }
}

#[test]
fn checks_constraints() {
    for (constraint, good, bad) in [
        ("int", &["-7", "+7", " 7 ", "2147483647"][..], &["seven", "2147483648", "1.0", ""][..]),
        ("long", &["9223372036854775807"], &["9223372036854775808"]),
        ("bool", &["true", "FALSE", " true "], &["1", "yes"]),
        ("datetime", &["2026-11-26", "2026-11-26T10:51:14Z"], &["7", "x"]),
        (
            "decimal",
            &["1", "-1.5", "1,000.5", "5-", ".5", "5.", "79228162514264337593543950335"],
            &["1e3", "-5-", "79228162514264337593543950340000", "."],
        ),
        ("double", &["1", "1e3", "-1.5E-3", "1e999", "NaN", "-Infinity", "1,000"], &["x", "1e", "5-", ""]),
        ("float", &["3.4e39"], &["e3"]),
        (
            "guid",
            &[
                "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
                "6F9619FF8B86D011B42D00CF4FC964FF",
                "{6f9619ff-8b86-d011-b42d-00cf4fc964ff}",
                "(6f9619ff-8b86-d011-b42d-00cf4fc964ff)",
                "{0x6f9619ff,0x8b86,0xd011,{0xb4,0x2d,0x0,0xcf,0x4f,0xc9,0x64,0xff}}",
            ],
            &["urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff", "6f9619ff"],
        ),
        ("alpha", &["abcXYZ", ""], &["a1", "é"]),
        ("required", &["x"], &[""]),
        ("file", &["a.txt", ".gitignore", "a/b.c"], &["a", "a.", "a.b/c", "", "..."]),
        ("nonfile", &["a", "a.", "a.b/c", ""], &["a.txt"]),
        ("minlength(2)", &["ab", "🦀"], &["a"]),
        ("maxlength(2)", &["ab", "🦀", ""], &["abc", "🦀a"]),
        ("length(2)", &["ab"], &["a", "abc"]),
        ("length( 2 , 3 )", &["ab", "abc"], &["a", "abcd"]),
        ("min(5)", &["5", "9223372036854775807"], &["4", "x"]),
        ("max(5)", &["5", "-9223372036854775808"], &["6"]),
        ("range(1,9)", &["1", "9"], &["0", "10"]),
        ("regex(^a/b:c$)", &["a/b:c", "A/B:C"], &["a/b"]),
        ("regex(^\\d{{3}}-\\d{{4}}$)", &["555-1234"], &["555-123"]),
        ("regex(^(?!admin).*$)", &["user"], &["administrator"]),
        ("INT", &["1"], &["x"]),
        ("int:min(3):regex(^[0-9])", &["3"], &["2", "-3"]),
    ] {
        let template = Template::parse(&format!("{{*value:{constraint}}}")).unwrap();
        let parameter = template.segments[0].parameters().next().unwrap();
        for value in good {
            assert!(parameter.accepts(Some(value)), "{constraint} {value}");
        }
        for value in bad {
            assert!(!parameter.accepts(Some(value)), "{constraint} {value}");
        }
    }
}

#[test]
fn reports_what_is_wrong_with_a_template() {
    for (template, part) in [
        ("a/{b", "without its `}`"),
        ("a/b}", "without its `{`"),
        ("a/{b{c}", "write `{{`"),
        ("{*rest}/more", "not its last segment"),
        ("x{*rest}", "catch-all next to"),
        ("{*rest?}", "optional as well"),
        ("{id?=1}", "does not name a parameter"),
        ("{id=1?}", "default value as well"),
        ("{id:whatever}", "unknown constraint `whatever`"),
        ("{id:int(3)}", "`int(3)`, whose arguments are wrong"),
        ("{id:range(9,1)}", "arguments are wrong"),
        ("{id:length(a)}", "arguments are wrong"),
        ("{id:length(-1)}", "arguments are wrong"),
        ("{id:regex}", "arguments are wrong"),
        ("{id:regex(()}", "`regex(()`: "),
        ("{a}{b}", "two parameters"),
        ("{a?}.b", "before a text"),
        ("{a}-{b?}", "only `.`"),
        ("{a}/{A}", "the parameter `A` twice"),
        ("{}", "does not name a parameter"),
        ("a//b", "empty segment"),
        ("//a", "empty segment"),
        ("a?b", "`?` outside"),
        ("~a", "begins with `~`"),
    ] {
        let error = Template::parse(template).unwrap_err().to_string();
        assert!(error.contains(part), "{template}: {error}");
    }
}
