package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

func (a *app) evidenceCheck() *cobra.Command {
	var f dossierFlags
	var accepted bool
	c := &cobra.Command{
		Use:     a.t("check TỆP-ĐƠN-VỊ", "check UNIT-FILE"),
		Example: "  sansang evidence check don-vi.yaml\n  sansang evidence check don-vi.yaml --accepted --at 2027-01-01",
		Short:   a.t("Kiểm tra mọi tài liệu đã khai: còn đó, không thay đổi, còn hiệu lực", "Check every document: there, unchanged, in force"),
		Long: a.t(`Kiểm tra mọi tài liệu mà tệp đơn vị nêu. Mã thoát: 0 mọi tài liệu đều còn đó, không
thay đổi, và mỗi yêu cầu có khai tài liệu đều còn một tài liệu được tính; 1 có tài liệu
không được như vậy; 2 đầu vào sai. Với --accepted, tài liệu còn phải được người đánh
giá chấp nhận (chính sách cũng có thể đòi như vậy).`,
			`Checks every document that the unit file names. Exit codes: 0 each is there and
unchanged, and each requirement that anything attests has one that counts; 1 not so;
2 bad input. With --accepted an auditor must have accepted them too (a policy may ask
for that as well).`),
		Args: a.exactly(1, "tệp đơn vị", "a unit file"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openDossier(args[0], f)
			if err != nil {
				return err
			}
			if accepted {
				d.policy.Accepted = true
			}
			return a.checkEvidence(d)
		},
	}
	a.dossierFlags(c, &f)
	c.Flags().BoolVar(&accepted, "accepted", false, a.t("tài liệu phải được người đánh giá chấp nhận", "an auditor must have accepted the documents"))
	return c
}

func (a *app) checkEvidence(d *dossier) error {
	bad := d.unreadable()
	for _, q := range d.asked() {
		if len(q.Papers) == 0 || q.Met != nil {
			continue
		}
		p := q.Papers[0]
		if i := slices.IndexFunc(q.Papers, func(p judge.Paper) bool { return p.State != judge.PaperFuture }); i >= 0 {
			p = q.Papers[i]
		}
		name := p.Document
		if name == "" {
			name = p.Attester()
		}
		told := lang.Tf("%[1]s (%[2]s): %[3]s", "%[1]s (%[2]s): %[4]s", name, q.ID, p.State.Text().Vi, p.State.Text().En)
		if p.State == judge.PaperExpired {
			told = lang.T(told.Vi+" từ sau ngày "+p.CountsUntil.Format("02/01/2006"), told.En+" after "+p.CountsUntil.Format("2006-01-02"))
		}
		if p.State == judge.PaperRefused {
			told = lang.T(told.Vi+": "+p.Review.Reason, told.En+": "+p.Review.Reason)
		}
		if p.State != judge.PaperMissing && p.State != judge.PaperChanged && !slices.Contains(bad, told) { // those are told already
			bad = append(bad, told)
		}
	}
	for _, b := range bad {
		a.print("%[1]s", "%[2]s", b.Vi, b.En)
	}
	if len(bad) > 0 {
		a.next("sansang evidence list", d.path)
		return verdict(judge.NotReady)
	}
	a.print("mọi tài liệu đều còn đó, không thay đổi và còn hiệu lực (%d mục)", "every document is there, unchanged and in force (%d entries)", len(d.Attestations))
	return nil
}

// unreadable tells of every document that is not there or not what was
// attested, whether the policy asks for it or not.
func (d *dossier) unreadable() []lang.Text {
	var bad []lang.Text
	all := slices.Clone(d.Attestations)
	if auth := d.Authorisation; auth != nil {
		all = append(all, inventory.Attestation{Requirement: "authorisation", Document: auth.Document, SHA256: auth.SHA256})
	}
	for _, at := range all {
		if at.Document == "" {
			continue
		}
		told := lang.Text{}
		switch doc, err := d.document(at.Document); {
		case err != nil:
			told, _ = why(at.Document, err)
		case doc.SHA256 != at.SHA256:
			told = lang.Tf("%s: tệp đã thay đổi so với bản đã khai", "%s: the file is not the one that was declared", at.Document)
		default:
			continue
		}
		if told = lang.T(told.Vi+" ("+at.Requirement+")", told.En+" ("+at.Requirement+")"); !slices.Contains(bad, told) {
			bad = append(bad, told)
		}
	}
	return bad
}
