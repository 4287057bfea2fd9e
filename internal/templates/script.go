package templates

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Modules of nuclei that speak to the target; nuclei/fs reads this machine.
var modules = []string{
	"bytes", "goconsole", "ikev2", "kerberos", "ldap", "mssql", "mysql", "net", "oracle", "pop3", "postgres",
	"rdp", "redis", "rsync", "smb", "smtp", "ssh", "structs", "telnet", "vnc",
}

var (
	requires = regexp.MustCompile("(.?)\\brequire\\b\\s*(\\(\\s*[\"'`]nuclei/(?:" + strings.Join(modules, "|") + ")[\"'`]\\s*\\))?")
	// Ways from a text to running it, or to a name without naming it.
	makes    = regexp.MustCompile(`\b(eval|Function|globalThis|Reflect|WebAssembly)\b|[.\["'\x60]\s*constructor\b|\bimport\s*\(`)
	letter   = regexp.MustCompile(`\\u(?:00([4-7][0-9a-fA-F])|\{0*([4-7][0-9a-fA-F])\})`)
	this     = regexp.MustCompile(`\bthis\b\s*(\.\s*[A-Za-z_$])?`)
	oneFile  = regexp.MustCompile(`^[\w./\\ -]+$`)
	huge     = regexp.MustCompile(`\.(?:repeat|padStart|padEnd)\s*\(\s*\d{7,}|\b(?:Array|ArrayBuffer|Uint8Array|Rand)\s*\(\s*\d{8,}`)
	argument = regexp.MustCompile(`^(?:ldaps?://)?\{\{(?:Host|Hostname)\}\}(?::(?:\{\{Port\}\}|\d{1,5}))?$`)
	endless  = regexp.MustCompile(`\bfor\s*\(\s*;\s*;|\bwhile\s*\(\s*(?:true|1|!0)\s*\)`)
	renames  = regexp.MustCompile("\\bset\\s*\\(\\s*[\"'`](?:" + strings.Join(ofTheTarget, "|") + ")[\"'`]")
	sends    = regexp.MustCompile(`\.\s*SendMail\s*\(`)
	lists    = regexp.MustCompile(`\.\s*EnumerateUser\s*\(`)
	logsIn   = regexp.MustCompile(`\.\s*(?:(?:ConnectWithPassword|ConnectWithKey|Authenticate|AuthenticateWithNTLMHash|GetServerInfoAuth)\s*\(|(?:Connect\w*|ExecuteQuery\w*|ListShares)\s*\([^(),]+,[^(),]+,[^(),]+,)`)
)

func (v *vet) javascript(request *yaml.Node) {
	code := get(request, "code")
	if code == nil {
		v.refuse(request, "no-code")
		return
	}
	v.script(code, true)
	v.script(get(request, "pre-condition"), true)
	v.arguments(get(request, "args"))
	v.t.Steps += v.times(request)
	if get(request, "pre-condition") != nil { // most often a connection of its own
		v.t.Steps++
	}
	for class, does := range map[string]*regexp.Regexp{Intrusive: sends, BruteForce: lists, DefaultLogin: logsIn} {
		if does.MatchString(code.Value) {
			v.classes[class] = true
		}
	}
}

// script vets JavaScript. The words are no wall, for a language like this has
// a hundred ways around any list; they keep out what has no business here, and
// the worker's walls hold the rest.
func (v *vet) script(n *yaml.Node, mayRequire bool) {
	if n == nil || v.refused != nil {
		return
	}
	s := letters(n.Value)
	if trimmed := strings.TrimSpace(s); !strings.Contains(trimmed, "\n") && oneFile.MatchString(trimmed) && strings.ContainsAny(trimmed, "./\\") {
		v.refuse(n, "script-file", s)
	}
	for _, m := range requires.FindAllStringSubmatchIndex(s, -1) {
		if !mayRequire || m[4] < 0 || s[m[2]:m[3]] == "." {
			v.refuseAt(v.lineIn(n, m[0]), "require", strings.TrimSpace(strings.SplitN(s[m[0]:], "\n", 2)[0]))
			return
		}
	}
	for _, ban := range []struct {
		re   *regexp.Regexp
		rule string
	}{{makes, "script"}, {huge, "swells"}, {endless, "endless"}, {renames, "shadow"}} {
		if m := ban.re.FindStringIndex(s); m != nil {
			v.refuseAt(v.lineIn(n, m[0]), ban.rule, s[m[0]:m[1]])
		}
	}
	for _, m := range this.FindAllStringSubmatchIndex(s, -1) {
		if m[2] < 0 {
			v.refuseAt(v.lineIn(n, m[0]), "script", "this")
			return
		}
	}
}

// letters puts letters for their escapes: a name may be written with them too.
func letters(s string) string {
	return letter.ReplaceAllStringFunc(s, func(e string) string {
		m := letter.FindStringSubmatch(e)
		c, _ := strconv.ParseUint(m[1]+m[2], 16, 8)
		return string(rune(c))
	})
}

// lineIn gives the line of the file where the byte at stands in a block of text.
func (v *vet) lineIn(n *yaml.Node, at int) int {
	if n.Style&yaml.LiteralStyle == 0 {
		return n.Line
	}
	return n.Line + 1 + strings.Count(n.Value[:min(at, len(n.Value))], "\n")
}

func (v *vet) arguments(n *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		name := strings.ToLower(k.Value)
		if seen[name] {
			v.refuse(k, "twice", k.Value)
		}
		seen[name] = true
		switch {
		case val.Kind == yaml.MappingNode:
			v.refuse(val, "text-wanted", k.Value)
		case name == "host" && !argument.MatchString(value(val)):
			v.refuse(val, "address", value(val))
		case name == "port" && !strings.HasPrefix(value(val), "{{"):
			v.ports(val)
		}
	}
}
