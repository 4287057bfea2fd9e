package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
)

// evidenceFormat names the shape of evidence list in JSON.
const evidenceFormat = "sansang.evidence/1"

func (a *app) evidenceList() *cobra.Command {
	var f dossierFlags
	var format string
	c := &cobra.Command{
		Use:     a.t("list TỆP-ĐƠN-VỊ", "list UNIT-FILE"),
		Short:   a.t("Liệt kê tài liệu đã khai, giá trị của từng tài liệu, và tài liệu còn thiếu", "List the documents, how each stands, and those that are wanted"),
		Example: "  sansang evidence list don-vi.yaml\n  sansang evidence list don-vi.yaml --at 2027-01-01 --format json",
		Args:    a.exactly(1, "tệp đơn vị", "a unit file"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openDossier(args[0], f)
			if err != nil {
				return err
			}
			switch format {
			case "text":
				asked := d.asked()
				a.listEvidence(asked)
				if slices.ContainsFunc(asked, func(q judge.Asked) bool { return len(q.Papers) == 0 }) {
					a.next("sansang ask", args[0])
				} else {
					a.next("sansang evidence check", args[0])
				}
				return nil
			case "json":
				return a.evidenceJSON(d)
			}
			return faultf("không có dạng %q; viết text hoặc json", "there is no format %q; write text or json", format)
		},
	}
	a.dossierFlags(c, &f)
	c.Flags().StringVar(&format, "format", "text", a.t("dạng: text, json", "format: text, json"))
	return c
}

func (a *app) evidenceJSON(d *dossier) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Format string             `json:"format"`
		Unit   inventory.Identity `json:"unit"`
		Policy judge.PolicyRef    `json:"policy"`
		At     time.Time          `json:"at"`
		Asked  []judge.Asked      `json:"asked"`
	}{evidenceFormat, d.Unit.Unit, d.policy.Ref(), d.at, d.asked()})
}

// paperRow is a document for a requirement, told once however many subjects it
// is about.
type paperRow struct {
	ID string
	judge.Paper
}

// paperRows lists each document once for a requirement and a state.
func paperRows(asked []judge.Asked) []paperRow {
	var out []paperRow
	for _, q := range asked {
		for _, p := range q.Papers {
			same := func(r paperRow) bool {
				return r.ID == q.ID && r.Attestation == p.Attestation && r.State == p.State && r.CountsUntil == p.CountsUntil
			}
			if !slices.ContainsFunc(out, same) {
				out = append(out, paperRow{q.ID, p})
			}
		}
	}
	return out
}

// listEvidence prints a table of at most 80 columns, and what is wanted.
func (a *app) listEvidence(asked []judge.Asked) {
	const row = "%s %s %s %s %5s %s\n"
	rows := paperRows(asked)
	if len(rows) > 0 {
		_, _ = fmt.Fprintf(a.out, row, pad(a.t("Yêu cầu", "Required"), 8), pad(a.t("Tài liệu", "Document"), 24), pad(a.t("Ban hành", "Issued"), 10), pad(a.t("Đến ngày", "Until"), 10), a.t("Còn", "Left"), a.t("Tình trạng", "State"))
	}
	for _, r := range rows {
		until, left := "–", "–"
		if r.DaysLeft != nil {
			until, left = a.dayIn(r.CountsUntil), strconv.Itoa(*r.DaysLeft)
		}
		name := r.Document
		if name == "" {
			name = r.Attester()
		}
		_, _ = fmt.Fprintf(a.out, row, pad(r.ID, 8), pad(tail(report.Shown(name), 24), 24), pad(a.dayIn(r.Issued), 10), pad(until, 10), left, r.State.Text().In(a.lang))
		if r.Review != nil && r.Review.Reason != "" {
			for _, line := range wrap(report.Shown(r.Review.By+": "+r.Review.Reason), 70) {
				_, _ = fmt.Fprintf(a.out, "%9s%s\n", "", line)
			}
		}
		if s := r.Signature; s != nil && s.State != judge.Unsigned {
			for _, line := range wrap(signatureText(s).In(a.lang), 70) {
				_, _ = fmt.Fprintf(a.out, "%9s%s\n", "", line)
			}
		}
	}
	a.listWanted(asked)
}

// listWanted tells which requirements ask for a document and have none, and
// what it is.
func (a *app) listWanted(asked []judge.Asked) {
	var wanted, perhaps []string
	first := map[string]judge.Asked{}
	about := map[string][]string{}
	for _, q := range asked {
		switch _, told := first[q.ID]; {
		case len(q.Papers) > 0:
			continue
		case q.Alone && !told:
			wanted = append(wanted, q.ID)
			first[q.ID] = q
		case !q.Alone && !told && !slices.Contains(perhaps, q.ID):
			perhaps = append(perhaps, q.ID)
		}
		if q.Alone && q.System != "" && !slices.Contains(about[q.ID], q.System) {
			about[q.ID] = append(about[q.ID], q.System)
		}
	}
	if len(wanted) > 0 {
		a.heading(lang.Tf("\nCòn thiếu tài liệu cho %d yêu cầu:", "\nNo document yet for %d requirements:", len(wanted)).In(a.lang))
	}
	for _, id := range wanted {
		q := first[id]
		line := id + " (" + q.Force.Text().In(a.lang) + strings.TrimSuffix("; "+strings.Join(about[id], ", "), "; ") + "): "
		if line += q.Title.In(a.lang); q.Evidence != nil {
			line += ". " + lang.Tf("Cần: %[1]s", "Needs: %[2]s", q.Evidence.What.Vi, q.Evidence.What.En).In(a.lang)
		}
		for _, l := range wrap("- "+line, 78) {
			_, _ = fmt.Fprintln(a.out, l)
		}
	}
	perhaps = slices.DeleteFunc(perhaps, func(id string) bool { _, told := first[id]; return told })
	if len(perhaps) > 0 {
		_, _ = fmt.Fprintln(a.out)
		for _, l := range wrap(lang.Tf("Nhận tài liệu khi không nhìn thấy được qua mạng: %s", "Take a document where nothing can be seen over the network: %s", strings.Join(perhaps, ", ")).In(a.lang), 78) {
			_, _ = fmt.Fprintln(a.out, l)
		}
	}
}

// pad fills a text with spaces to a number of letters.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len([]rune(s)))) }

// tail keeps the end of a text, which tells files apart.
func tail(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "…" + string(r[len(r)-n+1:])
}
