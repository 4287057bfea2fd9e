package inventory

import (
	"strings"
	"testing"
)

const attested = `attestations:
  # quyết định phê duyệt cấp độ
  - requirement: ORG-01
    system: mot-cua
    document: van-ban/qd.pdf
    sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    issued: 2026-08-01
    signer: Chủ tịch UBND
`

func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestAddAttestationAndReview(t *testing.T) {
	in := []byte(good + attested)
	out, err := AddAttestation("unit.yaml", in, Attestation{Requirement: "LOG-02", Result: NotMet, Issued: day("2026-11-20"), By: "Trần Bình, quản trị hệ thống"})
	if err != nil {
		t.Fatal(err)
	}
	out, err = AddReview("unit.yaml", out, Review{Requirement: "ORG-01", Document: "van-ban/qd.pdf", SHA256: strings.Repeat("0", 64), Result: Refused, Reason: "chưa có dấu", By: "Lê Minh", On: day("2026-11-21")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(out), string(in)) {
		t.Errorf("the file was changed:\n%s", out)
	}
	u, err := Load("unit.yaml", out)
	if err != nil || len(u.Attestations) != 2 || u.Attestations[1].Attester() != "Trần Bình, quản trị hệ thống" || len(u.Reviews) != 1 || u.Reviews[0].Reason != "chưa có dấu" {
		t.Errorf("%v: %+v %+v", err, u.Attestations, u.Reviews)
	}
	for name, a := range map[string]Attestation{
		"bad system":  {Requirement: "LOG-02", Result: NotMet, Issued: day("2026-11-20"), By: "A", System: "khac"},
		"no document": {Requirement: "LOG-02", Issued: day("2026-11-20"), By: "A"},
		"no name":     {Requirement: "LOG-02", Result: NotMet, Issued: day("2026-11-20")},
		"no sha256":   {Requirement: "LOG-02", Document: "a.pdf", Signer: "A", Issued: day("2026-11-20")},
	} {
		if _, err := AddAttestation("unit.yaml", in, a); err == nil || !strings.HasPrefix(err.Error(), "unit.yaml:") {
			t.Errorf("%s: %v, want a problem with its place", name, err)
		}
	}
	if _, err := AddReview("unit.yaml", in, Review{Requirement: "ORG-01", Document: "a", SHA256: strings.Repeat("0", 64), Result: Refused, By: "B", On: day("2026-11-21")}); err == nil || !strings.Contains(err.Error(), "refused without saying why") {
		t.Errorf("a refusal without a reason: %v", err)
	}
}

func TestOperator(t *testing.T) {
	u, err := Load("unit.yaml", []byte(strings.Replace(good, "level: 3}", "level: 3, operator: {id: H21, name: UBND tỉnh Gia Lai}}", 1)))
	if err != nil || u.Systems[0].Operator == nil || u.Systems[0].Operator.Name != "UBND tỉnh Gia Lai" {
		t.Errorf("%v: %+v", err, u.Systems)
	}
}

func TestInside(t *testing.T) {
	for p, want := range map[string]bool{
		"a.pdf": true, "tai-lieu/a.pdf": true, "./a..b": true, "a/../b": true, "quyết định: 12.pdf": true,
		"": false, "..": false, "../a": false, "a/../../b": false, "/etc/passwd": false, `..\a`: false, `C:\a`: false, `\\host\a`: false,
	} {
		if Inside(p) != want {
			t.Errorf("Inside(%q) = %v", p, !want)
		}
	}
}
