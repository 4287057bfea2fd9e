package judge

import "github.com/sansang/sansang/internal/lang"

// Text says the severity to a person.
func (s Severity) Text() lang.Text { return severityTexts[s] }

var severityTexts = map[Severity]lang.Text{
	Critical: lang.T("nghiêm trọng", "critical"),
	High:     lang.T("cao", "high"),
	Medium:   lang.T("trung bình", "medium"),
	Low:      lang.T("thấp", "low"),
}

// Text says the strength to a person.
func (s Strength) Text() lang.Text { return strengthTexts[s] }

var strengthTexts = map[Strength]lang.Text{
	StrengthA: lang.T("văn bản bắt buộc nêu rõ", "explicit in a binding text"),
	StrengthB: lang.T("văn bản nêu chung, ngưỡng theo thông lệ quốc tế", "general in the text, threshold from international practice"),
	StrengthC: lang.T("thông lệ tốt", "good practice"),
}

// Mark is what stands behind the name of a legal text whose wording is not
// sure; empty when it is.
func (s Status) Mark() lang.Text { return statusMarks[s] }

var statusMarks = map[Status]lang.Text{
	Paraphrase: lang.T("(theo bản thuật lại)", "(from a retelling)"),
	Unverified: lang.T("(chưa đối chiếu)", "(not yet checked)"),
}

// Text says the force to a person.
func (f Force) Text() lang.Text { return forceTexts[f] }

var forceTexts = map[Force]lang.Text{
	Mandatory:   lang.T("bắt buộc", "mandatory"),
	Recommended: lang.T("khuyến nghị", "recommended"),
}

// Text says the state of an attestation to a person.
func (s PaperState) Text() lang.Text { return paperTexts[s] }

var paperTexts = map[PaperState]lang.Text{
	PaperInForce:    lang.T("còn hiệu lực", "in force"),
	PaperAccepted:   lang.T("được chấp nhận", "accepted"),
	PaperStated:     lang.T("tự nhận chưa đạt", "said to be not met"),
	PaperUnreviewed: lang.T("chờ chấp nhận", "not accepted yet"),
	PaperRefused:    lang.T("không chấp nhận", "refused"),
	PaperChanged:    lang.T("tệp đã thay đổi", "file changed"),
	PaperMissing:    lang.T("không đọc được", "not readable"),
	PaperExpired:    lang.T("hết hiệu lực", "expired"),
	PaperFuture:     lang.T("chưa có hiệu lực", "not in force yet"),
}

// Text says the state of a signature to a person.
func (s SignatureState) Text() lang.Text { return signatureTexts[s] }

var signatureTexts = map[SignatureState]lang.Text{
	Unsigned:         lang.T("không có chữ ký số", "no digital signature"),
	SignatureValid:   lang.T("chữ ký số khớp với nội dung tệp", "the digital signature fits the file"),
	SignatureInvalid: lang.T("chữ ký số không hợp lệ", "the digital signature is not valid"),
	SignatureUnknown: lang.T("chưa xác định được chữ ký số", "the digital signature could not be checked"),
}
