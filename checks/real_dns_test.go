package checks

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/inventory"
)

// The tree that Debian's own servers serve on loopback: a zone "vn", which
// delegates, and the unit's zone "xa.vn". Both are signed by dnssec-signzone,
// and a forwarder between them and us is unbound or named. delv, given the same
// anchor, is the judge.
const (
	realParent = `$TTL 60
@ SOA ns.vn. host.vn. 1 3600 900 604800 60
@ NS ns.vn.
ns A 127.0.0.1
xa NS ns1.xa.vn.
xa NS ns2.xa.vn.
ns1.xa A 127.0.0.1
ns2.xa A 127.0.1.2
`
	realUnit = `$TTL 60
@ SOA ns1.xa.vn. host.xa.vn. 2026112601 3600 900 604800 60
@ NS ns1.xa.vn.
@ NS ns2.xa.vn.
ns1 A 127.0.0.1
ns2 A 127.0.1.2
@ A 127.0.0.1
www CNAME @
@ MX 10 mail
mail A 127.0.0.1
@ TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=reject"
@ CAA 0 issue "ca.example"
`
)

// realTree is the two zones, signed in one way, in a folder.
type realTree struct {
	dir    string
	anchor *dns.DS
}

func tool(t *testing.T, dir, path string, args ...string) string {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", path, args, err, said.String())
	}
	return string(out)
}

// signTree signs both zones with BIND's tools. Extra is for the signing of the
// unit's zone.
func signTree(t *testing.T, algorithm string, unsigned, wrongDS, noDS bool, digest string, optOut bool, extra ...string) realTree {
	t.Helper()
	keygen, signzone := program(t, "dnssec-keygen"), program(t, "dnssec-signzone")
	dir := openFolder(t)
	key := func(zone, algorithm string) string {
		args := []string{"-q", "-a", algorithm, "-f", "KSK", zone}
		if strings.HasPrefix(algorithm, "RSA") {
			args = append([]string{"-b", "2048"}, args...)
		}
		return strings.TrimSpace(tool(t, dir, keygen, args...))
	}
	unitKey := key("xa.vn", algorithm)
	write(t, filepath.Join(dir, "xa.vn"), realUnit+"$INCLUDE "+unitKey+".key\n")
	if unsigned {
		write(t, filepath.Join(dir, "xa.vn.signed"), realUnit)
	} else {
		tool(t, dir, signzone, append(append([]string{"-z", "-P", "-o", "xa.vn", "-f", "xa.vn.signed"}, extra...), "xa.vn", unitKey)...)
	}
	if wrongDS {
		unitKey = key("xa.vn", algorithm)
	}
	parent := realParent
	if !unsigned && !noDS {
		parent += tool(t, dir, program(t, "dnssec-dsfromkey"), "-a", digest, unitKey)
	}
	parentKey := key("vn", "ECDSAP256SHA256")
	write(t, filepath.Join(dir, "vn"), parent+"$INCLUDE "+parentKey+".key\n")
	how := []string{"-z", "-3", "-", "-H", "0", "-o", "vn", "-f", "vn.signed"}
	if optOut {
		how = append(how, "-A")
	}
	tool(t, dir, signzone, append(how, "vn", parentKey)...)
	rr, err := dns.NewRR(tool(t, dir, program(t, "dnssec-dsfromkey"), "-2", parentKey))
	if err != nil {
		t.Fatal(err)
	}
	return realTree{dir, rr.(*dns.DS)}
}

// domain is the unit's domain behind those servers.
func (r realTree) domain(resolver, servers string) inventory.Endpoint {
	return inventory.Endpoint{ID: "real", Target: "xa.vn", Kind: inventory.Domain, Zone: inventory.Internet, Labels: map[string]string{
		"resolver": resolver, "53": servers, "anchor": r.anchor.String()}}
}

// delv tells what BIND's validator thinks: "secure", "insecure", "bogus" or
// nothing that it can tell.
func (r realTree) delv(t *testing.T, resolver string) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(resolver)
	anchors := write(t, filepath.Join(r.dir, "anchors"), fmt.Sprintf("trust-anchors { %s static-ds %d %d %d %q; };\n", r.anchor.Hdr.Name, r.anchor.KeyTag, r.anchor.Algorithm, r.anchor.DigestType, r.anchor.Digest))
	cmd := exec.Command(program(t, "delv"), "-4", "-a", anchors, "+root=vn", "-p", port, "@"+host, "xa.vn", "SOA")
	raw, _ := cmd.CombinedOutput() // its code is not zero when a zone is bogus
	out := string(raw)
	switch {
	case strings.Contains(out, "fully validated"):
		return "secure"
	case strings.Contains(out, "unsigned answer"):
		return "insecure"
	case strings.Contains(out, "resolution failed"), strings.Contains(out, "broken trust chain"), strings.Contains(out, "RRSIG has expired"), strings.Contains(out, "no valid"):
		return "bogus"
	}
	return out
}

// startUnbound asks the servers, and validates where there is an anchor.
func startUnbound(t *testing.T, dir, servers, anchor string) string {
	t.Helper()
	address, port := freeAddressOf(t, "127.0.0.1")
	at := strings.Replace(servers, ":", "@", 1)
	modules := "iterator"
	if anchor != "" {
		modules, anchor = "validator iterator", fmt.Sprintf("trust-anchor: %q", strings.ReplaceAll(anchor, "\t", " "))
	}
	config := fmt.Sprintf(`server:
 interface: 127.0.0.1
 port: %s
 username: ""
 chroot: ""
 directory: %q
 pidfile: ""
 use-syslog: no
 logfile: ""
 do-daemonize: no
 do-not-query-localhost: no
 module-config: %q
 trust-anchor-signaling: no
 %s
 local-zone: "vn." nodefault
stub-zone:
 name: "vn."
 stub-addr: %s
stub-zone:
 name: "xa.vn."
 stub-addr: %s
`, port, dir, modules, anchor, at, at)
	daemon(t, address, program(t, "unbound"), "-d", "-c", write(t, filepath.Join(dir, "unbound.conf"), config))
	return address
}

// startNamed serves both zones; strangers may do what options say.
func startNamed(t *testing.T, dir, options string) string {
	t.Helper()
	address, port := freeAddressOf(t, "127.0.0.1")
	config := fmt.Sprintf(`options { directory %q; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none;
 dnssec-validation no; notify no; %s };
controls {};
zone "vn" { type primary; file "vn.signed"; };
zone "xa.vn" { type primary; file "xa.vn.signed"; };
`, dir, port, options)
	daemon(t, address, program(t, "named"), "-f", "-c", write(t, filepath.Join(dir, "named.conf"), config))
	return address
}

// TestRealDNSSEC holds the states to delv, over BIND as server and unbound as
// resolver.
func TestRealDNSSEC(t *testing.T) {
	day := func(n int) string {
		return time.Now().Add(time.Duration(n) * 24 * time.Hour).UTC().Format("20060102150405")
	}
	for _, c := range []struct {
		name, algorithm         string
		unsigned, wrong, orphan bool
		digest                  string // of the DS; SHA-256 when left out
		optOut                  bool   // in the parent's NSEC3
		extra                   []string
		want                    string
		delv                    string // where it differs
	}{
		{name: "good", algorithm: "ECDSAP256SHA256", want: `{"status": "secure", "zone": "xa.vn", "expires": ">now"}`},
		{name: "RSA", algorithm: "RSASHA256", want: `{"status": "secure"}`},
		{name: "Ed25519", algorithm: "ED25519", want: `{"status": "secure"}`},
		{name: "NSEC3", algorithm: "ECDSAP384SHA384", extra: []string{"-3", "AABB", "-H", "5"}, want: `{"status": "secure", "nsec3_iterations": 5, "nsec3_salt": "aabb"}`},
		{name: "expired", algorithm: "ECDSAP256SHA256", extra: []string{"-s", day(-9), "-e", day(-1)}, want: `{"status": "bogus", "reason": "expired", "expires": "<now"}`},
		{name: "early", algorithm: "ECDSAP256SHA256", extra: []string{"-s", day(1), "-e", day(9)}, want: `{"status": "bogus", "reason": "not-yet-valid"}`},
		{name: "wrong DS", algorithm: "ECDSAP256SHA256", wrong: true, want: `{"status": "bogus", "reason": "ds-mismatch"}`},
		{name: "no DS", algorithm: "ECDSAP256SHA256", orphan: true, want: `{"status": "insecure", "reason": "no-ds"}`},
		{name: "no DS, opt-out", algorithm: "ECDSAP256SHA256", orphan: true, optOut: true, want: `{"status": "insecure", "reason": "opt-out"}`},
		{name: "SHA-384", algorithm: "ECDSAP256SHA256", digest: "SHA-384", want: `{"status": "secure"}`},
		// BIND 9.18 still relies on SHA-1, which RFC 9905 forbids since: we do not.
		{name: "DS by SHA-1", algorithm: "ECDSAP256SHA256", digest: "SHA-1", want: `{"status": "insecure", "reason": "algorithm"}`, delv: "secure"},
		{name: "RSASHA1", algorithm: "RSASHA1", want: `{"status": "insecure", "reason": "algorithm"}`, delv: "secure"},
		{name: "unsigned", algorithm: "ECDSAP256SHA256", unsigned: true, want: `{"status": "insecure", "reason": "no-ds"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := signTree(t, c.algorithm, c.unsigned, c.wrong, c.orphan, cmp.Or(c.digest, "SHA-256"), c.optOut, c.extra...)
			servers := startNamed(t, tree.dir, "recursion no; allow-transfer { none; }; version none;")
			resolver := startUnbound(t, tree.dir, servers, "")
			e := tree.domain(resolver, servers)
			expect(t, e, map[*Check]string{DNSDNSSEC: c.want})
			validating := tree.domain(startUnbound(t, openFolder(t), servers, tree.anchor.String()), servers)
			expect(t, validating, map[*Check]string{DNSDNSSEC: c.want})
			if spf := observe(t, MailSPF, validating, 10*time.Second); (spf.Unknown == nil) == strings.Contains(c.want, "bogus") {
				t.Errorf("SPF behind a resolver that validates: %s, %v", spf.Value, spf.Unknown)
			}
			var f DNSSEC
			decodeFact(t, e, DNSDNSSEC, &f)
			if judge := tree.delv(t, resolver); judge != cmp.Or(c.delv, f.Status) {
				t.Errorf("we say %s, delv says %s", f.Status, judge)
			}
		})
	}
}

// TestRealNameServers looks at BIND, NSD and Knot, closed and open.
func TestRealNameServers(t *testing.T) {
	const closed = `{"transfer": false, "recursion": false, "version": false, "tcp": true, "edns": true}`
	tree := signTree(t, "ECDSAP256SHA256", false, false, false, "SHA-256", false)
	for _, c := range []struct {
		name  string
		start func(t *testing.T) string
		want  string
	}{
		{"named", func(t *testing.T) string {
			return startNamed(t, tree.dir, "recursion no; allow-transfer { none; }; version none;")
		}, closed},
		{"named, open", func(t *testing.T) string {
			_, port, _ := net.SplitHostPort(startUnbound(t, openFolder(t), "127.0.0.1:9", ""))
			return startNamed(t, tree.dir, `recursion yes; allow-recursion { any; }; allow-transfer { any; }; version "9.9.9-open"; forwarders { 127.0.0.1 port `+port+`; }; forward only;`)
		}, `{"transfer": true, "recursion": true, "version": true, "tcp": true, "edns": true}`},
		{"named that cannot resolve", func(t *testing.T) string {
			return startNamed(t, tree.dir, `recursion yes; allow-recursion { any; }; allow-transfer { none; }; forwarders { 127.0.0.1 port 9; }; forward only;`)
		}, `{"transfer": false, "recursion": {"unknown": {"cause": "unanswered"}}}`},
		{"nsd", func(t *testing.T) string { return startNSD(t, tree.dir, "") }, closed},
		{"nsd, open", func(t *testing.T) string { return startNSD(t, tree.dir, " provide-xfr: 0.0.0.0/0 NOKEY\n") }, `{"transfer": true, "recursion": false, "tcp": true, "edns": true}`},
		{"knot", func(t *testing.T) string { return startKnot(t, tree.dir, "deny") }, `{"transfer": false, "recursion": false, "tcp": true, "edns": true}`},
		{"knot, open", func(t *testing.T) string { return startKnot(t, tree.dir, "allow") }, `{"transfer": true, "recursion": false, "tcp": true, "edns": true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			servers := c.start(t)
			e := tree.domain(startUnbound(t, openFolder(t), servers, ""), servers)
			host, port, _ := net.SplitHostPort(servers)
			if !strings.HasPrefix(c.name, "named") { // which listens only where an interface has the address
				e.Labels["127.0.1.2:53"] = net.JoinHostPort("127.0.1.2", port)
			}
			expect(t, e, map[*Check]string{
				DNSServers:    c.want,
				DNSDelegation: `{"zone": "xa.vn", "dangling": [], "networks": 2, "lame": [], "all_answer": true, "same_serial": true, "at_parent": ["ns1.xa.vn", "ns2.xa.vn"]}`,
				DNSCAA:        `{"at": "xa.vn", "issue": ["ca.example"]}`,
				MailSPF:       `{"valid": true, "all": "-", "lookups": 1}`,
				MailDMARC:     `{"policy": "reject"}`,
			})
			// dig is the judge of transfers.
			out, _ := exec.Command(program(t, "dig"), "-p", port, "@"+host, "xa.vn", "AXFR").CombinedOutput()
			if whole := strings.Contains(string(out), "XFR size"); whole != strings.Contains(c.want, `"transfer": true`) {
				t.Errorf("dig: transfer %v\n%s", whole, out)
			}
		})
	}
}

func startNSD(t *testing.T, dir, more string) string {
	t.Helper()
	address, port := freeAddressOf(t, "127.0.0.1")
	config := fmt.Sprintf("server:\n ip-address: 127.0.0.1\n ip-address: 127.0.1.2\n port: %[2]s\n username: \"\"\n chroot: \"\"\n zonesdir: %[1]q\n database: \"\"\n pidfile: \"\"\n xfrdfile: \"\"\n xfrdir: %[1]q\n zonelistfile: %[1]q\n hide-version: yes\n server-count: 1\nremote-control:\n control-enable: no\n", dir, port)
	config = strings.Replace(config, fmt.Sprintf("zonelistfile: %q", dir), fmt.Sprintf("zonelistfile: %q", filepath.Join(dir, "zones")), 1)
	for _, zone := range []string{"vn", "xa.vn"} {
		config += fmt.Sprintf("zone:\n name: %s\n zonefile: %s.signed\n%s", zone, zone, more)
	}
	daemon(t, address, program(t, "nsd"), "-d", "-c", write(t, filepath.Join(dir, "nsd.conf"), config))
	return address
}

func startKnot(t *testing.T, dir, transfers string) string {
	t.Helper()
	address, port := freeAddressOf(t, "127.0.0.1")
	state, err := os.MkdirTemp(dir, "knot")
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("server:\n  rundir: %[1]s\n  listen: [127.0.0.1@%[2]s, 127.0.1.2@%[2]s]\n  version: \"\"\n  identity: \"\"\ndatabase:\n  storage: %[1]s\nacl:\n  - id: x\n    address: 127.0.0.0/8\n    action: transfer\n    deny: %[3]s\ntemplate:\n  - id: default\n    storage: %[4]s\n    acl: x\n    zonefile-sync: -1\n    journal-content: none\nzone:\n  - domain: vn\n    file: vn.signed\n  - domain: xa.vn\n    file: xa.vn.signed\n",
		state, port, map[string]string{"deny": "on", "allow": "off"}[transfers], dir)
	daemon(t, address, program(t, "knotd"), "-c", write(t, filepath.Join(state, "knot.conf"), config))
	return address
}
