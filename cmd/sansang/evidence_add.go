package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// addOptions are the flags of evidence add.
type addOptions struct {
	dossierFlags
	requirements           []string
	system, endpoint       string
	issued, until          string
	issuer, signer, attest string
	notMet                 bool
}

func (a *app) evidenceAdd() *cobra.Command {
	var o addOptions
	c := &cobra.Command{
		Use:   a.t("add TỆP-ĐƠN-VỊ TÀI-LIỆU --requirement MÃ", "add UNIT-FILE DOCUMENT --requirement ID"),
		Short: a.t("Khai một tài liệu chứng minh vào tệp đơn vị", "Declare a document in the unit file"),
		Long: a.t(`Tính SHA-256 của tài liệu và khai vào mục attestations của tệp đơn vị; mọi dòng khác,
kể cả chú thích, giữ nguyên. Tài liệu nằm ngoài thư mục của tệp đơn vị được chép vào
tai-lieu/ (không bao giờ ghi đè). Với --not-met, đơn vị tự nhận một yêu cầu chưa đạt:
không cần tài liệu, nhưng cần tên người xác nhận (--by).`,
			`Takes the SHA-256 of the document and declares it under attestations in the unit
file; every other line, comments included, stays. A document from outside the unit
file's folder is copied into tai-lieu/ (never over another). With --not-met the unit
says of itself that a requirement is not met: that needs no document, but a name (--by).`),
		Example: "  sansang evidence add don-vi.yaml qd-12.pdf --requirement ORG-01 --issued 2026-03-01 --issuer \"UBND tỉnh\" --signer \"Nguyễn Văn An, Chủ tịch\"\n  sansang evidence add don-vi.yaml --requirement LOG-02 --not-met --issued 2026-11-20 --by \"Trần Bình\"",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runEvidenceAdd(args[0], strings.Join(args[1:], ""), o)
		},
	}
	f := c.Flags()
	f.StringSliceVarP(&o.requirements, "requirement", "r", nil, a.t("mã yêu cầu, như ORG-01; nhiều mã cách nhau bằng dấu phẩy", "requirement such as ORG-01; several with commas"))
	f.StringVar(&o.system, "system", "", a.t("chỉ nói về hệ thống này (mặc định: mọi hệ thống)", "says it of this system only (default: all)"))
	f.StringVar(&o.endpoint, "endpoint", "", a.t("chỉ nói về điểm kết nối này", "says it of this endpoint only"))
	f.StringVar(&o.issued, "issued", "", a.t("ngày ban hành, như 2026-03-01", "date of issue, such as 2026-03-01"))
	f.StringVar(&o.until, "until", "", a.t("ngày hết hạn mà tài liệu ghi, nếu có", "the end that the document itself states, if any"))
	f.StringVar(&o.issuer, "issuer", "", a.t("cơ quan ban hành", "the issuing body"))
	f.StringVar(&o.signer, "signer", "", a.t("tên, chức vụ người ký tài liệu", "name and office of who signed the document"))
	f.StringVar(&o.attest, "by", "", a.t("tên, chức vụ người xác nhận (mặc định: người ký)", "name and office of who attests (default: the signer)"))
	f.BoolVar(&o.notMet, "not-met", false, a.t("xác nhận là chưa đạt", "attests that it is not met"))
	a.dossierFlags(c, &o.dossierFlags)
	return c
}

func (a *app) runEvidenceAdd(unitPath, source string, o addOptions) error {
	d, err := openDossier(unitPath, o.dossierFlags)
	if err != nil {
		return err
	}
	at, err := o.attestation(source)
	if err != nil {
		return err
	}
	var p *placed
	if source != "" {
		if p, err = d.place(source); err != nil {
			return err
		}
		at.Document, at.SHA256 = p.name, p.SHA256
	}
	text, added := d.text, []inventory.Attestation{}
	for _, id := range o.requirements {
		if at.Requirement, err = d.requirement(id, at.System, at.Endpoint); err != nil {
			return err
		}
		if slices.Contains(append(d.Attestations, added...), at) {
			a.print("%s đã khai cho %s từ trước; không thay đổi gì", "%s is declared for %s already; nothing changes", at.Document, at.Requirement)
			continue
		}
		if text, err = inventory.AddAttestation(unitPath, text, at); err != nil {
			return err
		}
		added = append(added, at)
	}
	if len(added) == 0 {
		return nil
	}
	if p != nil {
		if err := d.copyIn(p); err != nil {
			return err
		}
	}
	if err := replace(unitPath, d.text, text); err != nil {
		d.takeBack(p)
		return err
	}
	if err := a.sayAdded(unitPath, o.dossierFlags, p, added); err != nil {
		return err
	}
	if err := a.sayOutdated(unitPath, d, at); err != nil {
		return err
	}
	a.next("sansang evidence check", unitPath)
	return nil
}

// sayOutdated tells of entries that name the same file with another content:
// they no longer hold, and nothing can be packed while they stand.
func (a *app) sayOutdated(unitPath string, d *dossier, at inventory.Attestation) error {
	doc, err := yamldoc.Parse(unitPath, d.text)
	if err != nil {
		return err
	}
	for i, old := range d.Attestations {
		if at.Document != "" && old.Document == at.Document && old.SHA256 != at.SHA256 {
			a.say(lang.Tf("%s:%d: mục cũ cho %s nêu %s với nội dung trước đây; xóa mục ấy", "%s:%d: the older entry for %s names %s with its former content; remove it", unitPath, doc.Line("attestations", i), old.Requirement, old.Document))
		}
	}
	return nil
}

// attestation makes what the flags say, but for the document.
func (o *addOptions) attestation(source string) (inventory.Attestation, error) {
	at := inventory.Attestation{System: o.system, Endpoint: o.endpoint, Issuer: o.issuer, Signer: o.signer, By: o.attest}
	var err error
	if at.Issued, err = dateFlag("issued", o.issued); err != nil {
		return at, err
	}
	if at.Until, err = dateFlag("until", o.until); err != nil {
		return at, err
	}
	if o.notMet {
		at.Result = inventory.NotMet
	}
	switch {
	case len(o.requirements) == 0:
		return at, faultf("chưa nói tài liệu chứng minh cho yêu cầu nào; thêm --requirement ORG-01", "nothing says for which requirement; add --requirement ORG-01")
	case at.Issued.IsZero():
		return at, faultf("chưa ghi ngày ban hành; thêm --issued 2026-03-01", "there is no date of issue; add --issued 2026-03-01")
	case !at.Until.IsZero() && at.Until.Before(at.Issued.Time):
		return at, faultf("--until %s trước ngày ban hành %s; viết ngày sau đó", "--until %s is before the date of issue %s; write a later day", o.until, o.issued)
	case source == "" && !o.notMet:
		return at, faultf("chưa nêu tài liệu; viết đường dẫn tệp, hoặc --not-met nếu đơn vị tự nhận là chưa đạt", "there is no document; write its path, or --not-met if the unit says that it is not met")
	case source == "" && at.Attester() == "":
		return at, faultf("chưa ghi ai xác nhận; thêm --by \"Tên, chức vụ\"", "nothing says who attests; add --by \"Name, office\"")
	case source != "" && at.Signer == "":
		return at, faultf("chưa ghi ai ký tài liệu; thêm --signer \"Tên, chức vụ\"", "nothing says who signed the document; add --signer \"Name, office\"")
	}
	return at, nil
}

// sayAdded tells in one line for each requirement what was declared and until
// when it counts.
func (a *app) sayAdded(unitPath string, f dossierFlags, p *placed, added []inventory.Attestation) error {
	d, err := openDossier(unitPath, f)
	if err != nil {
		return err
	}
	for _, at := range added {
		what := lang.Tf("đã khai %s cho %s", "declared %s for %s", at.Document, at.Requirement)
		switch {
		case p != nil && p.from != "":
			what = lang.Tf("đã chép thành %s và khai cho %s", "copied as %s and declared for %s", at.Document, at.Requirement)
		case at.Document == "":
			what = lang.Tf("đã ghi %s tự nhận chưa đạt %s", "recorded that by the word of %s %s is not met", at.Attester(), at.Requirement)
		}
		a.print("%s; %s", "%s; %s", what.In(a.lang), strings.Join(a.ends(d.asked(), at), "; "))
	}
	if p == nil {
		return nil
	}
	roots, _, _ := d.roots(nil)
	if s := d.signature(p.name, roots, d.at); s != nil {
		a.print("%[1]s", "%[2]s", signatureText(s).Vi, signatureText(s).En)
	}
	return nil
}

// ends tells how long an attestation counts, by level where levels differ.
func (a *app) ends(asked []judge.Asked, at inventory.Attestation) []string {
	var out []string
	for _, q := range asked {
		for _, p := range q.Papers {
			if q.ID != at.Requirement || p.Attestation != at {
				continue
			}
			told := a.t("có giá trị không thời hạn", "it counts without end")
			if p.DaysLeft != nil {
				told = lang.Tf("có giá trị đến hết ngày %s (còn %d ngày)", "it counts through %s (days left: %d)", a.dayIn(p.CountsUntil), *p.DaysLeft).In(a.lang)
			}
			if !p.Counts() {
				told = lang.Tf("hiện chưa được tính: %[1]s", "it does not count now: %[1]s", p.State.Text().In(a.lang)).In(a.lang)
				if p.State == judge.PaperExpired {
					told += " (" + a.dayIn(p.CountsUntil) + ")"
				}
			}
			if !slices.Contains(out, told) {
				out = append(out, told)
			}
		}
	}
	if len(out) == 0 {
		out = []string{a.t("chính sách này không xét yêu cầu ấy ở cấp độ của đơn vị", "this policy does not ask for it at the unit's level")}
	}
	return out
}

// replace puts a new text in the place of a unit file, whole, with the rights
// that it had. It refuses if somebody else wrote it meanwhile.
func replace(path string, old, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o222 == 0 { // moving another file over it would be allowed, but not meant
		return faultf("%s chỉ cho đọc; cho phép ghi rồi chạy lại lệnh này", "%s is read-only; let it be written and run this again", path)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return faultf("%s vừa bị sửa ở nơi khác; chạy lại lệnh này", "%s was changed meanwhile; run this again", path)
	}
	return writeWhole(path, func(w io.Writer) error {
		if f, ok := w.(*os.File); ok {
			if err := f.Chmod(info.Mode().Perm()); err != nil {
				return fmt.Errorf("keep the rights of %s: %w", path, err)
			}
		}
		_, err := w.Write(text)
		return err
	})
}
