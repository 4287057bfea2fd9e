package internal

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sansang/sansang/"

// The architecture, as a table: each package, which of our own packages it may
// import, and which modules of others it may use that nobody else may. A line
// here is a decision; the reason stands beside it.
var order = []struct {
	pkg    string
	ours   string
	theirs string
	why    string
}{
	{"internal/lang", "", "", "the leaf: two languages, nothing else"},
	{"internal/yamldoc", "internal/lang", "github.com/goccy/go-yaml github.com/santhosh-tekuri/jsonschema", "the one place that reads what people write"},
	{"internal/inventory", "internal/lang internal/yamldoc", "", "what a unit declares; nothing of it was seen"},
	{"internal/sheet", "internal/lang", "github.com/xuri/excelize/v2", "tables as people keep them, read and written; knows nothing of what they say"},
	{"internal/roster", "internal/inventory internal/lang internal/sheet internal/yamldoc", "", "the list of units of an audit; opens no connection and makes nothing up"},
	{"internal/fact", "internal/lang", "", "what was seen; knows neither unit nor policy"},
	{"internal/wire/hello", "", "golang.org/x/crypto/chacha20poly1305", "bytes of TLS, on the standard library and the one cipher that it keeps to itself"},
	{"internal/wire/holes", "internal/wire/hello", "", "what no client says, to see whether a server takes it"},
	{"internal/wire/sshkex", "internal/wire/hello", "golang.org/x/crypto/chacha20", "bytes of SSH, on the standard library, the one cipher that it keeps to itself, and the primes that TLS has too"},
	{"internal/wire/starttls", "", "", "plain text before TLS, on the standard library alone"},
	{"internal/wire/udp", "", "", "datagrams: questions and how to read the answers, on the standard library alone"},
	{"internal/wire/h2", "", "golang.org/x/net/http2", "one question over HTTP/2, with frames and nothing above them"},
	{"internal/webpage", "", "golang.org/x/net/html", "what a page says it loads; the one place that reads HTML"},
	{"internal/sweep", "internal/fact", "", "which ports of a host answer; is handed the way to ask, and opens no connection"},
	{"internal/wire/service", "", "", "what a port speaks and whom it lets in, on the standard library alone"},
	{"internal/certlint", "", "github.com/zmap/zlint/v3 github.com/zmap/zcrypto", "the form of certificates; the one place that pays for zlint"},
	{"internal/wire/dnssec", "", "", "signatures of the DNS from the anchor down; asks no question itself"},
	{"internal/wire/dnsask", "", "", "one question of the DNS and its answer, over a connection that it is given"},
	{"internal/mailauth", "", "golang.org/x/net/publicsuffix", "what a domain says in the DNS of its mail; reads, asks by whom it is given"},
	{"internal/lab", "internal/lang", "", "practice servers know nothing of the scanner, so they cannot flatter it"},
	{"internal/pack", "internal/lang", "", "one archive of an assessment, its unit file and documents; on the standard library alone"},
	{"internal/jobs", "", "", "what sansang and its template worker say to each other; nothing else"},
	{"internal/templates", "internal/lang", "go.yaml.in/yaml/v3", "reads and vets nuclei's templates, with the reader that the engine's own is a sibling of"},
	{"internal/nuclei", "internal/jobs", "github.com/projectdiscovery github.com/logrusorgru/aurora github.com/Knetic/govaluate github.com/Mzack9999/gcache gopkg.in/yaml.v3 golang.org/x/net/proxy", "the engine; the one importer of nuclei"},
	{"cmd/sansang-nuclei", "internal/jobs internal/nuclei", "", "the worker's main; never linked with the rest"},
	{"checks", "internal/fact internal/inventory internal/lang internal/wire/hello internal/wire/sshkex internal/wire/starttls internal/wire/holes internal/wire/dnsask internal/wire/dnssec internal/mailauth internal/certlint internal/wire/udp internal/wire/h2 internal/webpage internal/sweep internal/wire/service internal/jobs internal/templates", "golang.org/x/crypto/ocsp", "looks; never judges, and opens no connection but by its Probe"},
	{"internal/scan", "checks internal/fact internal/inventory internal/jobs internal/templates internal/worker", "golang.org/x/time golang.org/x/sync", "runs checks inside the authorisation; keeps nothing itself"},
	{"internal/worker", "internal/jobs internal/templates internal/fact internal/lang", "", "keeps the template worker, its connections and its answers; never links it"},
	{"internal/foreign", "checks internal/fact internal/inventory internal/lang internal/wire/hello", "", "reads result files of other tools into facts of ours; opens no file and no connection"},
	{"internal/judge", "internal/fact internal/inventory internal/lang internal/yamldoc", "cel.dev/cel-go", "judges; never meets a check, a socket or a clock"},
	{"internal/ask", "internal/fact internal/inventory internal/judge internal/lang", "", "the dialogue for what no machine sees; touches no file"},
	{"internal/pdfsig", "internal/lang", "", "signatures of PDFs on the standard library alone; asks nobody, judges nothing"},
	{"internal/trial", "internal/fact internal/inventory internal/judge internal/lang internal/yamldoc", "", "tries policies by cases; is told which check applies where, for the judge never meets a check"},
	{"internal/record", "internal/fact internal/inventory internal/lang", "", "keeps what was seen"},
	{"internal/store", "internal/fact internal/inventory internal/judge internal/lang internal/record", "github.com/pressly/goose/v3 modernc.org/sqlite github.com/jackc/pgx/v5 github.com/klauspost/compress", "lists, runs and what came of them, on two engines; the one place that writes SQL of ours"},
	{"internal/fleet", "internal/fact internal/inventory internal/judge internal/lang internal/record internal/store", "github.com/riverqueue/river", "works runs with River; is handed how to look and how to judge"},
	{"internal/pack", "internal/lang", "", "one archive of an assessment, its unit file and documents; on the standard library alone"},
	{"internal/rollup", "internal/fact internal/inventory internal/judge internal/lang", "", "counts what a run says of many units; knows no database, file or clock"},
	{"internal/report", "internal/fact internal/inventory internal/judge internal/lang internal/record internal/change internal/plan internal/rollup internal/sheet", "", "shows; a format cannot change a verdict"},
	{"internal/telemetry", "internal/lang", "github.com/prometheus/client_golang go.opentelemetry.io/otel", "tells machines how a run goes; knows no unit file and no record"},
	{"policies", "", "", "data"},
	{"cmd/sansang", "checks policies internal/templates internal/worker internal/fact internal/inventory internal/judge internal/lab internal/lang internal/pack internal/record internal/report internal/scan internal/store internal/yamldoc internal/foreign internal/pdfsig internal/ask internal/change internal/plan internal/trial internal/roster internal/sheet internal/rollup internal/fleet internal/telemetry", "github.com/spf13/cobra github.com/spf13/pflag github.com/mattn/go-isatty github.com/vbauerster/mpb/v8", "wires all; nobody imports it"},
	{"internal/change", "internal/fact internal/inventory internal/judge internal/lang internal/record", "", "what differs between two judgements, and why; found by judging"},
	{"internal/plan", "internal/fact internal/inventory internal/judge internal/lang", "", "what to do first, and what runs out; found by judging"},
}

// shared may be used wherever it is needed.
var shared = []string{"github.com/rs/zerolog", "golang.org/x/crypto/ssh", "github.com/miekg/dns"} // ssh, dns: clients in checks, servers in lab

func TestImportsFollowTheTable(t *testing.T) {
	pkgs := list(t)
	known := map[string]bool{}
	for _, row := range order {
		known[row.pkg] = true
		imports, ok := pkgs[row.pkg]
		if !ok {
			t.Errorf("%s is in the table but not in the tree", row.pkg)
		}
		for _, imp := range imports {
			if ours, is := strings.CutPrefix(imp, module); is {
				if !slices.Contains(strings.Fields(row.ours), ours) {
					t.Errorf("%s imports %s, which the table does not allow (%s)", row.pkg, ours, row.why)
				}
				continue
			}
			if owner := theirs(imp); owner != "" && owner != row.pkg {
				t.Errorf("%s imports %s, which only %s may", row.pkg, imp, owner)
			} else if owner == "" && strings.Contains(strings.Split(imp, "/")[0], ".") && !slices.ContainsFunc(shared, func(m string) bool { return within(imp, m) }) {
				t.Errorf("%s imports %s, which no row of the table has", row.pkg, imp)
			}
		}
	}
	for pkg := range pkgs {
		if !known[pkg] {
			t.Errorf("%s is not in the table: give it a row and a reason", pkg)
		}
	}
}

// Importing nuclei writes to the home folder, runs programs and costs 0.2 s
// before main.
func TestNucleiIsNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../cmd/sansang").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range strings.Fields(string(out)) {
		if strings.Contains(dep, "projectdiscovery") {
			t.Errorf("cmd/sansang links %s: nuclei lives in a process of its own", dep)
		}
	}
}

func theirs(imp string) string {
	for _, row := range order {
		if slices.ContainsFunc(strings.Fields(row.theirs), func(m string) bool { return within(imp, m) }) {
			return row.pkg
		}
	}
	return ""
}

func within(imp, mod string) bool { return imp == mod || strings.HasPrefix(imp, mod+"/") }

// list gives the direct imports of every package of the module, without tests.
func list(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,GoFiles", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	pkgs := map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath       string
			Imports, GoFiles []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			pkgs[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
		}
	}
}
