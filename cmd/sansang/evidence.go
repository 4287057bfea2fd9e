package main

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/policies"
)

func (a *app) evidence() *cobra.Command {
	c := &cobra.Command{
		Use:   "evidence",
		Short: a.t("Tài liệu chứng minh: thêm, liệt kê, kiểm tra, đánh giá", "Documents as evidence: add, list, check, review"),
		Long: a.t(`Quản lý tài liệu chứng minh cho những yêu cầu không nhìn thấy được qua mạng. Tài liệu
nằm cạnh tệp đơn vị và được nhận biết bằng SHA-256: tệp đã thay đổi hoặc hết hiệu lực
thì không còn được tính. Không gửi gì đi đâu.`,
			`Keeps the documents for what cannot be seen over the network. They lie beside the
unit file and are known by their SHA-256: a file that has changed, or is no longer in
force, no longer counts. Nothing is sent anywhere.`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.evidenceAdd(), a.evidenceList(), a.evidenceCheck(), a.evidenceReview())
	return c
}

// dossier is a unit file open for its evidence: its text, what it declares,
// and the policy and moment that it is looked at by.
type dossier struct {
	*unitFile
	path   string
	text   []byte
	policy *judge.Policy
	at     time.Time
}

// dossierFlags are common to the commands about evidence.
type dossierFlags struct{ policy, at string }

func (a *app) dossierFlags(c *cobra.Command, f *dossierFlags) {
	c.Flags().StringVar(&f.policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml", "policy: a name, or the path of a .yaml file"))
	c.Flags().StringVar(&f.at, "at", "", a.t("xét theo ngày này (mặc định: bây giờ)", "as of this day (default: now)"))
}

func openDossier(path string, f dossierFlags) (*dossier, error) {
	at, err := parseAt(f.at)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = time.Now()
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	unit, err := readUnit(path)
	if err != nil {
		return nil, err
	}
	policy, err := policyAt(f.policy, at)
	if err != nil {
		return nil, err
	}
	return &dossier{unit, path, text, policy, at}, nil
}

// asked lists what the policy asks for, by what the documents hold now.
func (d *dossier) asked() []judge.Asked {
	return d.policy.Evidence(judge.Case{Unit: d.Unit, Observations: d.documents(d.at), At: d.at})
}

// requirement finds out whether a requirement exists and takes a document.
func (d *dossier) requirement(id, system, endpoint string) (string, error) {
	id = strings.ToUpper(id)
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		return "", err
	}
	r := lib.Requirements[id]
	for _, own := range d.policy.Requirements {
		if own.ID == id {
			r = own
		}
	}
	switch {
	case r == nil:
		ids := make([]string, 0, len(lib.Requirements))
		for known := range lib.Requirements {
			ids = append(ids, known)
		}
		slices.Sort(ids)
		if near := lang.Nearest(id, ids); near != "" {
			return "", faultf("không có yêu cầu %s; có phải là %s?", "there is no requirement %s; did you mean %s?", id, near)
		}
		return "", faultf("không có yêu cầu %s; xem: sansang list requirements", "there is no requirement %s; see: sansang list requirements", id)
	case r.Evidence != nil && r.Evidence.From == "authorisation":
		return "", faultf("%s lấy từ mục authorisation của tệp đơn vị (văn bản cho phép rà quét), không khai ở đây", "%s is taken from authorisation in the unit file (the permission to scan), and is not declared here", id)
	case !readsAttest(r):
		return "", faultf("%s được xét bằng điều nhìn thấy qua mạng, không nhận tài liệu; xem: sansang explain %s", "%s is judged by what is seen over the network and takes no document; see: sansang explain %s", id, id)
	}
	if what, instead := tooNarrow(r, system, endpoint); what.Whole() {
		return "", faultf("%[1]s; %[3]s", "%[2]s; %[4]s", what.Vi, what.En, instead.Vi, instead.En)
	}
	return id, nil
}

// tooNarrow tells whether an attestation speaks of a system or an endpoint
// where the requirement is asked of something larger: it would never count.
func tooNarrow(r *judge.Requirement, system, endpoint string) (what, instead lang.Text) {
	rules := append([]judge.Rule{r.Rule}, r.Also...)
	asked := func(of ...judge.Scope) bool {
		return slices.ContainsFunc(rules, func(rule judge.Rule) bool { return slices.Contains(of, rule.Scope) })
	}
	switch places := []judge.Scope{judge.PerEndpoint, judge.PerHost, judge.PerDomain}; {
	case endpoint != "" && !asked(places...):
		return lang.Tf("%s không xét theo từng điểm kết nối", "%s is not asked of single endpoints", r.ID), lang.T("bỏ endpoint", "leave out endpoint")
	case system != "" && !asked(append(places, judge.PerSystem)...):
		return lang.Tf("%s xét chung cho cả đơn vị, không theo từng hệ thống", "%s is asked of the unit as a whole, not of single systems", r.ID), lang.T("bỏ system", "leave out system")
	}
	return what, instead
}

// dateFlag reads a day of a flag; empty is no day.
func dateFlag(name, s string) (inventory.Date, error) {
	if s == "" {
		return inventory.Date{}, nil
	}
	d, err := inventory.ParseDate(s)
	if err != nil {
		return d, faultf("--%s %q không phải ngày; viết năm-tháng-ngày như 2026-12-31", "--%s %q is no date; write year-month-day such as 2026-12-31", name, s)
	}
	return d, nil
}

// dayIn writes a day as people of the language do.
func (a *app) dayIn(d inventory.Date) string {
	if a.lang == lang.En {
		return d.Format(time.DateOnly)
	}
	return d.Format("02/01/2006")
}
