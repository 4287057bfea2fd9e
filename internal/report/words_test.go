package report

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// TestEveryWordIsThere: a value that a table does not know would be told as
// nothing at all.
func TestEveryWordIsThere(t *testing.T) {
	want := func(what string, x lang.Text) {
		t.Helper()
		if !x.Whole() {
			t.Errorf("%s has no words in both languages: %+v", what, x)
		}
	}
	for _, v := range judge.Verdicts {
		want(v.String(), verdictMeanings[v])
		if signs[v] == "" {
			t.Errorf("%s has no sign", v)
		}
	}
	for _, v := range []judge.UnitVerdict{judge.Undetermined, judge.Ready, judge.NotReady} {
		want(v.String(), unitMeanings[v])
		if unitSigns[v] == "" || unitStyles[v] == plain {
			t.Errorf("%s has no sign or no style", v)
		}
	}
	for _, s := range judge.Severities {
		want(string(s), s.Text())
	}
	for _, s := range []judge.Strength{judge.StrengthA, judge.StrengthB, judge.StrengthC} {
		want(string(s), s.Text())
	}
	for _, s := range []judge.Status{judge.Paraphrase, judge.Unverified} {
		want(string(s), s.Mark())
	}
	for _, z := range []inventory.Zone{inventory.Internet, inventory.WAN, inventory.Internal, inventory.Admin, ""} {
		want(string(z), z.Text())
	}
	for _, k := range []inventory.UnitKind{inventory.Ministry, inventory.Province, inventory.Commune, inventory.Enterprise, inventory.Other} {
		want(string(k), kindWords[k])
	}
	for _, w := range fact.Ways {
		want(string(w), w.Text())
		want(string(w), w.Explain())
	}
	for _, c := range fact.Causes() {
		want(string(c), remedies[c])
	}
	if len(shownVerdicts) != len(judge.Verdicts) {
		t.Errorf("%d verdicts are shown of %d", len(shownVerdicts), len(judge.Verdicts))
	}
}

// TestDetailsInVietnamese: the phrases by which fact.FromError names common
// failures have not drifted away from their translations.
func TestDetailsInVietnamese(t *testing.T) {
	v := newView(ready(), lang.Vi)
	for _, err := range []error{
		syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.EPERM, syscall.ECONNRESET, os.ErrDeadlineExceeded,
		&net.DNSError{Name: "lgsp.example", IsNotFound: true}, &net.DNSError{Name: "lgsp.example", IsTimeout: true},
	} {
		u := fact.FromError(err)
		if told := v.detail(u.Detail); told == u.Detail || englishWord(told) != "" {
			t.Errorf("%v: %q is told as %q", err, u.Detail, told)
		}
	}
	for said, want := range map[string]string{
		"tls.cbc_padding is inferred; only observed, probed counts":              "tls.cbc_padding được biết bằng cách inferred, chỉ nhận observed, probed",
		"TLS 1.2: accepts CBC only in suites that this tool's TLS library lacks": "TLS 1.2: chỉ nhận CBC ở những bộ mật mã mà thư viện TLS của công cụ không có",
		"nothing attests ORG-01":                                                                                     "",
		"http.answer: 10.0.0.1 is outside the authorised ranges":                                                     "http.answer: 10.0.0.1 nằm ngoài các dải địa chỉ được phép",
		"stopped answering during tls.versions (timeout: connection refused)":                                        "ngừng trả lời khi đang xem tls.versions: kết nối bị từ chối",
		"van-ban/a.pdf was valid before 2026-10-01":                                                                  "van-ban/a.pdf hết hiệu lực từ ngày 01/10/2026",
		"port 6379: the host answered at first, and then no more":                                                    "cổng 6379: máy lúc đầu trả lời, sau đó thôi",
		"port 23 is not in the list of ports that was asked":                                                         "cổng 23 không có trong danh sách cổng đã hỏi",
		"host.ports: none of 121 ports gave any answer":                                                              "host.ports: không cổng nào trong 121 cổng trả lời",
		"template:x: not asked: 3 questions in a row before it had no answer (no complete answer in the time given)": "mẫu x: không hỏi nữa vì 3 câu hỏi liền trước không được trả lời: không có câu trả lời đầy đủ trong thời gian cho phép",
		"a path that does not exist is answered with 200 as well, and it was not seen whether by the site itself":    "đường dẫn không tồn tại cũng được trả lời 200, không rõ là do chính trang web hay do bộ lọc đứng trước",
		"http.grafana: a path that does not exist is answered otherwise than before the templates":                   "http.grafana: đường dẫn không tồn tại được trả lời khác so với trước khi chạy mẫu: có thể bộ lọc đã bắt đầu chặn",
		"the scan took other templates by the name cua_bo":                                                           "đợt rà quét dùng bộ mẫu khác với bộ mẫu cua_bo của chính sách",
		"something nobody foresaw\x1b[2J":                                                                            `something nobody foresaw\x1b[2J`,
	} {
		if got := v.detail(said); got != want {
			t.Errorf("%q is told as %q, want %q", said, got, want)
		}
	}
	if got := newView(ready(), lang.En).detail("connection refused"); got != "connection refused" {
		t.Errorf("in English %q", got)
	}
}

// TestRemedies: what the unit file does not say, and what the operator left out,
// is not mended by scanning the same way again.
func TestRemedies(t *testing.T) {
	for want, m := range map[string]judge.Missing{
		"Declare it in the unit file": {Path: "hosts", Cause: fact.Skipped, Detail: "the unit file declares no hosts"},
		"without --ports":             {Path: "host.ports.open", Cause: fact.Skipped, Detail: "port 23 is not in the list of ports that was asked"},
		"classes: [snmp-default]":     {Path: "host.snmp.silent", Cause: fact.OutOfScope},
		"Scan again in full":          {Path: "tcp.open", Cause: fact.Skipped, Detail: "tcp.open was not looked at"},
	} {
		if got := remedy(m).En; !strings.Contains(got, want) {
			t.Errorf("%s (%s): %q", m.Path, m.Cause, got)
		}
	}
}
