package fact

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"

	"github.com/sansang/sansang/internal/lang"
)

// Unknown says that something was not seen, and why. It is data, and it is
// also the error by which a check gives up.
type Unknown struct {
	Cause  Cause  `json:"cause"`
	Detail string `json:"detail,omitempty"` // one technical phrase in English, for the record
}

// Error makes an Unknown usable as the error of a check.
func (u *Unknown) Error() string {
	if u.Detail == "" {
		return string(u.Cause)
	}
	return string(u.Cause) + ": " + u.Detail
}

// Because makes an Unknown.
func Because(c Cause, detail string) *Unknown { return &Unknown{Cause: c, Detail: detail} }

// Cause is the reason why something was not seen.
type Cause string

// The causes. None of them says anything good or bad about the target.
const (
	Unreachable  Cause = "unreachable"  // no route, name not resolved, connection refused
	Timeout      Cause = "timeout"      // no answer, or not all of it, in the time given
	Reset        Cause = "reset"        // the peer cut the connection before it answered
	Blocked      Cause = "blocked"      // answered before, stopped answering while we looked
	Denied       Cause = "denied"       // this machine did not let us (firewall, permission)
	OutOfScope   Cause = "out-of-scope" // looking would have left the written authorisation
	Skipped      Cause = "skipped"      // not looked at, by choice
	Prerequisite Cause = "prerequisite" // rests on something that was not seen either
	Unanswered   Cause = "unanswered"   // answered something that is no answer to the question
	Broken       Cause = "broken"       // our own defect, or a damaged record
	Stale        Cause = "stale"        // seen, but too long ago to judge by
	NoEvidence   Cause = "no-evidence"  // a person has not supplied the document
	Changed      Cause = "changed"      // the document is not the one that was attested
	Expired      Cause = "expired"      // the document is no longer, or not yet, valid
	Rejected     Cause = "rejected"     // an auditor does not accept the document
	Unreviewed   Cause = "unreviewed"   // no auditor has accepted the document, and the policy asks for one
	OtherWay     Cause = "other-way"    // known, but in a way that the policy does not take
	Elsewhere    Cause = "elsewhere"    // not looked at from the part of the network that the policy asks for
)

var causes = map[Cause]lang.Text{
	Unreachable:  lang.T("không kết nối được", "unreachable"),
	Timeout:      lang.T("quá thời gian chờ", "timed out"),
	Reset:        lang.T("máy chủ ngắt kết nối", "connection cut by the server"),
	Blocked:      lang.T("bị chặn giữa chừng khi đang rà quét", "blocked while scanning"),
	Denied:       lang.T("máy quét không được phép", "denied by the scanning machine"),
	OutOfScope:   lang.T("ngoài phạm vi được cho phép rà quét", "outside the authorised scope"),
	Skipped:      lang.T("chưa kiểm tra", "not looked at"),
	Prerequisite: lang.T("thiếu dữ kiện cần có trước", "rests on something not seen"),
	Unanswered:   lang.T("máy chủ không trả lời đúng giao thức", "no proper answer"),
	Broken:       lang.T("lỗi của công cụ hoặc hồ sơ bị hỏng", "defect of the tool or damaged record"),
	Stale:        lang.T("dữ kiện đã cũ", "facts too old"),
	NoEvidence:   lang.T("chưa có tài liệu chứng minh", "no document supplied"),
	Changed:      lang.T("tài liệu đã thay đổi so với bản đã xác nhận", "document differs from the one attested"),
	Expired:      lang.T("tài liệu ngoài thời hạn hiệu lực", "document outside its validity"),
	Rejected:     lang.T("tài liệu không được người đánh giá chấp nhận", "document refused by the auditor"),
	Unreviewed:   lang.T("tài liệu chờ người đánh giá chấp nhận", "document not yet accepted by an auditor"),
	OtherWay:     lang.T("biết bằng cách mà chính sách không chấp nhận", "known in a way that the policy does not take"),
	Elsewhere:    lang.T("chưa nhìn từ vùng mạng mà yêu cầu đòi hỏi", "not looked at from the zone that the requirement asks for"),
}

// Known tells whether the cause is one of ours.
func (c Cause) Known() bool { _, ok := causes[c]; return ok }

// Text says the cause to a person.
func (c Cause) Text() lang.Text { return causes[c] }

// Causes lists every cause there is, unordered.
func Causes() []Cause {
	out := make([]Cause, 0, len(causes))
	for c := range causes {
		out = append(out, c)
	}
	return out
}

// FromError names why an exchange failed. An Unknown inside err is kept; what
// is not recognised is Broken, since a failure we cannot name is ours to mend.
func FromError(err error) *Unknown {
	var u *Unknown
	var dns *net.DNSError
	var nerr net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &u):
		return u
	case errors.Is(err, context.Canceled):
		return Because(Skipped, "the scan was stopped")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isAny(err, late):
		return Because(Timeout, "no complete answer in the time given")
	case errors.As(err, &dns):
		if dns.IsTimeout {
			return Because(Timeout, "the name server did not answer for "+dns.Name)
		}
		return Because(Unreachable, "the name "+dns.Name+" does not resolve")
	case Refused(err):
		return Because(Unreachable, "connection refused")
	case isAny(err, noRoute):
		return Because(Unreachable, "no route to the address")
	case isAny(err, forbidden):
		return Because(Denied, "this machine refused to send")
	case isAny(err, cut):
		return Because(Reset, "connection reset by the peer")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Because(Reset, "connection closed by the peer before an answer")
	case errors.As(err, &nerr) && nerr.Timeout():
		return Because(Timeout, "no complete answer in the time given")
	}
	return Because(Broken, err.Error())
}

// Refused tells whether a connection was refused: the one way in which a TCP
// port says that it is closed (RST to our SYN, RFC 9293 §3.10.7.1).
func Refused(err error) bool { return isAny(err, refused) }

func isAny(err error, set []syscall.Errno) bool {
	return slices.ContainsFunc(set, func(e syscall.Errno) bool { return errors.Is(err, e) })
}
