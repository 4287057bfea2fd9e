package inventory

import (
	"path"
	"regexp"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// attestation finds what is wrong with one: references, dates, and what it
// lacks. Only that a requirement is not met may be said without a document.
func (r *review) attestation(i int, a Attestation, systems, endpoints []string) {
	r.refers(systems, a.System, "attestations", i, "system")
	r.refers(endpoints, a.Endpoint, "attestations", i, "endpoint")
	if !a.Until.IsZero() && a.Until.Before(a.Issued.Time) {
		r.say(lang.T("hết hạn trước ngày ban hành", "ends before it was issued"), lang.Tf("viết ngày sau %s", "write a day after %s", a.Issued.Format("2006-01-02")), "attestations", i, "until")
	}
	lacks := func(field, vi, en string) {
		r.say(lang.Tf("thiếu mục %q", "%q is missing", field), lang.T("thêm dòng "+field+": … ("+vi+")", "add a line "+field+": … ("+en+")"), "attestations", i)
	}
	switch {
	case a.Document != "":
		if a.SHA256 == "" {
			lacks("sha256", "chạy: sha256sum TỆP; hoặc dùng: sansang evidence add", "run: sha256sum FILE; or use: sansang evidence add")
		}
		if a.Signer == "" {
			lacks("signer", "tên, chức vụ người ký", "name and office of the signer")
		}
	case a.Result != NotMet:
		lacks("document", "đường dẫn tệp văn bản, tính từ thư mục của tệp đơn vị; chỉ result: not-met mới không cần văn bản", "the path of the document, from the unit file's folder; only result: not-met needs none")
	case a.SHA256 != "":
		r.say(lang.T("có sha256 mà không có document", "there is a sha256 but no document"), lang.T("thêm dòng document:, hoặc bỏ dòng sha256", "add a line document:, or remove sha256"), "attestations", i, "sha256")
	case a.Attester() == "":
		lacks("by", "tên, chức vụ người xác nhận", "name and office of who attests")
	}
}

var drive = regexp.MustCompile(`^[A-Za-z]:`)

// Inside tells whether a path of a unit file stays in the unit file's folder,
// as far as its text can tell. Whatever it names is read, and packed.
func Inside(document string) bool {
	p := strings.ReplaceAll(document, `\`, "/")
	return p != "" && !path.IsAbs(p) && !drive.MatchString(p) && path.Clean(p) != ".." && !strings.HasPrefix(path.Clean(p), "../")
}
