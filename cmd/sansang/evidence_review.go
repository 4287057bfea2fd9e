package main

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// reviewOptions are the flags of evidence review.
type reviewOptions struct {
	dossierFlags
	requirements   []string
	accept, refuse bool
	reason, by, on string
}

func (a *app) evidenceReview() *cobra.Command {
	var o reviewOptions
	c := &cobra.Command{
		Use:   a.t("review TỆP-ĐƠN-VỊ TÀI-LIỆU --accept|--refuse", "review UNIT-FILE DOCUMENT --accept|--refuse"),
		Short: a.t("Ghi ý kiến của người đánh giá về một tài liệu", "Record what an auditor says of a document"),
		Long: a.t(`Ghi vào mục reviews của tệp đơn vị rằng người đánh giá chấp nhận hoặc không chấp nhận
một tài liệu cho một yêu cầu. TÀI-LIỆU là đường dẫn đã khai, hoặc ít nhất 8 chữ số đầu
của SHA-256. Ý kiến gắn với nội dung tệp: tệp khác thì phải đánh giá lại. Tài liệu bị
từ chối không được tính là đạt, cũng không làm cho yêu cầu thành không đạt.`,
			`Records under reviews in the unit file that an auditor accepts or refuses a document
for a requirement. DOCUMENT is the declared path, or 8 or more leading digits of its
SHA-256. A review is bound to the content: another file is to be reviewed anew. A
refused document makes nothing pass, and fails nothing.`),
		Example: "  sansang evidence review don-vi.yaml tai-lieu/qd-12.pdf --requirement ORG-01 --accept --by \"Lê Minh, PA05\"\n  sansang evidence review don-vi.yaml tai-lieu/qd-12.pdf --refuse --reason \"chưa có dấu\" --by \"Lê Minh, PA05\"",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runEvidenceReview(args[0], args[1], o)
		},
	}
	f := c.Flags()
	f.StringSliceVarP(&o.requirements, "requirement", "r", nil, a.t("mã yêu cầu (mặc định: mọi yêu cầu mà tài liệu được khai)", "requirements (default: all that the document is declared for)"))
	f.BoolVar(&o.accept, "accept", false, a.t("chấp nhận", "accept"))
	f.BoolVar(&o.refuse, "refuse", false, a.t("không chấp nhận", "refuse"))
	f.StringVar(&o.reason, "reason", "", a.t("lý do; không chấp nhận thì phải có", "why; a refusal must say it"))
	f.StringVar(&o.by, "by", "", a.t("tên, chức vụ người đánh giá", "name and office of the auditor"))
	f.StringVar(&o.on, "on", "", a.t("ngày đánh giá (mặc định: hôm nay)", "day of the review (default: today)"))
	a.dossierFlags(c, &o.dossierFlags)
	return c
}

func (a *app) runEvidenceReview(unitPath, document string, o reviewOptions) error {
	r, err := o.review()
	if err != nil {
		return err
	}
	d, err := openDossier(unitPath, o.dossierFlags)
	if err != nil {
		return err
	}
	papers, err := d.declared(document, o.requirements)
	if err != nil {
		return err
	}
	text := d.text
	var told []inventory.Review
	for _, at := range papers {
		doc, err := d.document(at.Document)
		if err != nil {
			what, instead := why(at.Document, err)
			return faultf("%[1]s; %[3]s", "%[2]s; %[4]s", what.Vi, what.En, instead.Vi, instead.En)
		}
		if doc.SHA256 != at.SHA256 {
			return faultf("%s đã thay đổi so với bản đã khai, nên không có gì để đánh giá; khai lại bằng: sansang evidence add", "%s is not the file that was declared, so there is nothing to review; declare it again with: sansang evidence add", at.Document)
		}
		r.Requirement, r.Document, r.SHA256 = at.Requirement, at.Document, at.SHA256
		if slices.Contains(append(d.Reviews, told...), r) {
			continue
		}
		if text, err = inventory.AddReview(unitPath, text, r); err != nil {
			return err
		}
		told = append(told, r)
	}
	if len(told) == 0 {
		a.print("ý kiến này đã ghi từ trước; không thay đổi gì", "this review is recorded already; nothing changes")
		return nil
	}
	if err := replace(unitPath, d.text, text); err != nil {
		return err
	}
	word := lang.T("chấp nhận", "accepted")
	if r.Result == inventory.Refused {
		word = lang.T("không chấp nhận", "refused")
	}
	for _, r := range told {
		a.print("đã ghi: %[1]s %[3]s cho %[4]s (%[5]s)", "recorded: %[2]s %[3]s for %[4]s (%[5]s)", word.Vi, word.En, r.Document, r.Requirement, r.By)
	}
	a.next("sansang evidence list", unitPath)
	return nil
}

// review makes what the flags say, but for the document.
func (o *reviewOptions) review() (inventory.Review, error) {
	r := inventory.Review{Result: inventory.Accepted, Reason: o.reason, By: o.by}
	switch {
	case o.accept == o.refuse:
		return r, faultf("viết đúng một trong hai: --accept hoặc --refuse", "write exactly one of --accept and --refuse")
	case o.refuse && o.reason == "":
		return r, faultf("không chấp nhận thì phải nói vì sao; thêm --reason \"…\"", "a refusal must say why; add --reason \"…\"")
	case o.by == "":
		return r, faultf("chưa ghi ai đánh giá; thêm --by \"Tên, chức vụ\"", "nothing says who reviewed it; add --by \"Name, office\"")
	case o.refuse:
		r.Result = inventory.Refused
	}
	var err error
	if r.On, err = dateFlag("on", o.on); err == nil && r.On.IsZero() {
		r.On, err = inventory.ParseDate(time.Now().In(inventory.Vietnam).Format(time.DateOnly))
	}
	return r, err
}

var shaPrefix = regexp.MustCompile(`^[0-9a-fA-F]{8,64}$`)

// declared finds what is declared of a document, by path or by the beginning
// of its SHA-256.
func (d *dossier) declared(document string, requirements []string) ([]inventory.Attestation, error) {
	name, _ := d.inside(document)
	var out []inventory.Attestation
	var ids []string
	for _, at := range d.Attestations {
		bySHA := shaPrefix.MatchString(document) && strings.HasPrefix(at.SHA256, strings.ToLower(document))
		if at.Document == "" || at.Document != document && at.Document != name && !bySHA {
			continue
		}
		ids = append(ids, at.Requirement)
		same := func(b inventory.Attestation) bool { return b.Requirement == at.Requirement && b.SHA256 == at.SHA256 }
		if (len(requirements) == 0 || slices.ContainsFunc(requirements, func(id string) bool { return strings.EqualFold(id, at.Requirement) })) && !slices.ContainsFunc(out, same) {
			out = append(out, at)
		}
	}
	for _, id := range requirements {
		if len(ids) > 0 && !slices.ContainsFunc(ids, func(have string) bool { return strings.EqualFold(have, id) }) {
			return nil, faultf("%[1]s không được khai cho %[2]s; được khai cho: %[3]s", "%[1]s is not declared for %[2]s; it is declared for: %[3]s", document, strings.ToUpper(id), strings.Join(ids, ", "))
		}
	}
	if len(out) == 0 {
		return nil, faultf("tệp đơn vị không khai tài liệu %s; xem: sansang evidence list %s", "the unit file declares no document %s; see: sansang evidence list %s", document, typedPath(d.path))
	}
	return out, nil
}
