package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

const good = `# một đơn vị
unit: {id: H21, gso: "52", name: Tỉnh Gia Lai, kind: province}
systems:
  - {id: mot-cua, name: Một cửa điện tử, level: 3}
endpoints:
  - {id: web, target: "https://127.0.0.1:8443/", zone: internet}
  - id: ssh
    target: 127.0.0.1:22
    kind: ssh
    zone: admin
authorisation:
  by: Chủ tịch UBND
  document: qd.pdf
  sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  from: 2026-11-01
  until: 2026-12-31
  hours: "22:00-05:00"
  scope: {names: ["*.gialai.gov.vn"], cidrs: [127.0.0.0/8]}
waivers:
  - {requirement: TLS-02, endpoint: web, reason: chờ thay thiết bị, approver: A, expires: 2026-12-01}
`

func TestLoadGood(t *testing.T) {
	u, err := Load("unit.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if e := u.Endpoints[0]; e.Kind != HTTPS || e.System != "mot-cua" || e.Address() != "127.0.0.1:8443" {
		t.Errorf("endpoint = %+v", e)
	}
	if got := u.Authorisation.Until.End().Sub(u.Authorisation.From.Time).Hours() / 24; got != 61 {
		t.Errorf("authorisation lasts %v days, want 61 (November and December whole)", got)
	}
}

// The published schema and the kinds that the program knows are one list, and
// every STARTTLS kind is named for its protocol.
func TestKinds(t *testing.T) {
	for _, k := range append([]Kind{HTTPS, HTTP, TLS, SSH, TCP}, StartTLSKinds...) {
		target := "127.0.0.1:4444"
		if k == HTTPS || k == HTTP {
			target = string(k) + "://127.0.0.1/"
		}
		u, err := Load("unit.yaml", []byte(strings.Replace(good, "127.0.0.1:22\n    kind: ssh", target+"\n    kind: "+string(k), 1)))
		if err != nil {
			t.Errorf("%s: %v", k, err)
			continue
		}
		e := u.Endpoints[1]
		protocol, turns := e.StartTLS()
		if turns != slices.Contains(StartTLSKinds, k) || turns && (protocol != string(k) || !e.Speaks(OverTLS)) || !e.Speaks(OverTCP) {
			t.Errorf("%s: %+v speaks %q, turns to TLS: %v", k, e, k.Protocols(), turns)
		}
		if !strings.Contains(string(UnitSchema), `"`+string(k)+`"`) {
			t.Errorf("the schema lacks %s", k)
		}
	}
	for port, k := range usual {
		if ValidPort(port) != nil || k.Protocols() == nil {
			t.Errorf("port %s has the kind %q", port, k)
		}
	}
}

// Each mistake is told at its place, with what to write instead.
func TestLoadMistakes(t *testing.T) {
	for _, c := range []struct{ name, old, new, vi, en string }{
		{"unknown key", "kind: province}", "kind: province, adress: x}", "unit.yaml:2:", `there is no "adress" here`},
		{"no domain", "systems:", "domains: [{name: xa}]\nsystems:", "viết tên miền như xa.tinh.gov.vn", `"xa" is no domain name`},
		{"domain twice", "systems:", "domains: [{name: xa.gov.vn}, {name: XA.gov.vn.}]\nsystems:", "xa.gov.vn", ""},
		{"near key", "hours:", "hour:", `có phải là "hours"?`, `unit.yaml:17:3: there is no "hour" here; did you mean "hours"?`},
		{"enum", "kind: province", "kind: provinse", `có phải là "province"?`, `did you mean "province"?`},
		{"missing", "level: 3", "purpose: x", "unit.yaml:4:6: thiếu mục \"level\"; thêm dòng level: … (cấp độ đã được phê duyệt, số từ 1 đến 5)", `"level" is missing`},
		{"octal code", `gso: "52"`, "gso: 052", "viết không rõ", "quote it"},
		{"duplicate key", "zone: admin", "zone: admin\n    zone: wan", "mục \"zone\" viết hai lần", "twice"},
		{"bad date", "until: 2026-12-31", "until: 31/12/2026", "năm-tháng-ngày", "year-month-day"},
		{"order of dates", "until: 2026-12-31", "until: 2026-10-31", "ngày kết thúc trước", "ends before it begins"},
		{"unmasked range", "127.0.0.0/8", "127.0.0.1/8", "viết 127.0.0.0/8", "write 127.0.0.0/8"},
		{"whole Internet", "127.0.0.0/8", "0.0.0.0/0", "toàn bộ Internet", "whole Internet"},
		{"userinfo", "https://127.0.0.1:8443/", "https://a@127.0.0.1:8443/", "không dùng được", "before @"},
		{"zone id", "127.0.0.1:22", "'[fe80::1%eth0]:22'", "không phải là máy:cổng", "not host:port"},
		{"no kind", "    kind: ssh\n", "", "thêm dòng kind", "add a line kind"},
		{"no kind on a known port", "127.0.0.1:22\n    kind: ssh\n", "127.0.0.1:25\n", "cổng 25 thường là: thêm dòng kind: smtp", "port 25 usually is this: add a line kind: smtp"},
		{"no kind on any port", "127.0.0.1:22\n    kind: ssh\n", "127.0.0.1:2222\n", "tls (mã hóa ngay từ đầu)", "if it turns to TLS after a beginning in clear"},
		{"kind that is TLS from the first byte", "kind: ssh", "kind: imaps", "tls (mã hóa ngay từ đầu, như cổng 465, 993)", "tls (from the first byte, as on ports 465 and 993)"},
		{"kind of a web address", "zone: internet}", "zone: internet, kind: smtp}", "bỏ dòng kind", "kind is smtp but the address is https://"},
		{"unknown endpoint", "endpoint: web", "endpoint: wed", `có phải là "web"?`, `did you mean "web"?`},
		{"twice the id", "- id: ssh", "- id: web", "đã dùng ở trên", "used above"},
		{"anchor", "level: 3", "level: &l 3", "không dùng neo", "not used here"},
		{"not YAML", "systems:", "systems: [", "không đúng cú pháp YAML", "not YAML"},
		{"level", "level: 3", "level: 9", "viết", "from 1 to 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the good file does not hold %q", c.old)
			}
			_, err := Load("unit.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
			ps, ok := err.(yamldoc.Problems)
			if !ok {
				t.Fatalf("error = %v (%T), want problems", err, err)
			}
			if vi := ps.In(lang.Vi); !strings.Contains(vi, c.vi) {
				t.Errorf("vi = %s\nwant %q", vi, c.vi)
			}
			if en := ps.In(lang.En); !strings.Contains(en, c.en) {
				t.Errorf("en = %s\nwant %q", en, c.en)
			}
			if ps[0].Line == 0 {
				t.Errorf("problem without a line: %s", ps.In(lang.En))
			}
		})
	}
}

func TestSeveralMistakesAtOnce(t *testing.T) {
	bad := strings.NewReplacer("kind: province", "kind: x", "level: 3", "level: 0", "zone: admin", "zone: dmz").Replace(good)
	_, err := Load("unit.yaml", []byte(bad))
	ps, _ := err.(yamldoc.Problems)
	if len(ps) != 3 {
		t.Fatalf("got %d problems, want 3:\n%v", len(ps), err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("unit: {id: H21\n"))
	f.Add([]byte("- - - - -"))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := Load("x.yaml", b)
		if err == nil && u.Unit.ID == "" {
			t.Fatal("a unit without an identifier was accepted")
		}
	})
}

// What is told of many endpoints does not repeat all of many systems.
func TestManyMistakesAreShort(t *testing.T) {
	var sb strings.Builder
	sb.WriteString("unit: {id: H21, name: Tỉnh, kind: province}\nsystems:\n")
	for i := range 2000 {
		fmt.Fprintf(&sb, "  - {id: he-thong-%d, name: Hệ thống, level: 3}\n", i)
	}
	sb.WriteString("endpoints:\n")
	for i := range 2000 {
		fmt.Fprintf(&sb, "  - {id: e%d, target: \"https://127.0.0.1/\", zone: internet}\n", i)
	}
	_, err := Load("x.yaml", []byte(sb.String()))
	if err == nil || strings.Count(err.Error(), "with one of") == 0 || len(err.Error()) > 2000*1000 {
		t.Errorf("told in %d bytes", len(err.Error()))
	}
}
