package judge

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// tally counts the requirements that decide the unit.
func (p *Policy) tally(results []Result) Tally {
	t := Tally{Judged: len(results), Catalogue: max(p.Catalogue, len(results)+len(p.NotJudged))}
	for _, res := range results {
		if !res.Decides {
			continue
		}
		t.Deciding++
		switch res.Verdict {
		case Pass:
			t.Pass++
		case Waived:
			t.Waived++
		case Fail:
			t.Fail++
		case Manual:
			t.Manual++
		case Inconclusive:
			t.Inconclusive++
		case NotApplicable: // a result decides only if a finding applies
		}
	}
	return t
}

// unit gives the verdict on the whole unit. A single fail decides, and it is
// told where the policy or the law was not in force on the day. Otherwise
// every requirement that decides must hold, every connecting system must have
// been looked at, and nothing planned may have been left out.
func (p *Policy) unit(c *Case, r Report) (UnitVerdict, []lang.Text) {
	var because []lang.Text
	add := func(vi, en string, args ...any) { because = append(because, lang.Tf(vi, en, args...)) }
	if c.Incomplete {
		add("đợt rà quét chưa chạy hết những việc đã định", "the scan did not look at all it had planned")
	}
	if !p.InForce(c.At) {
		add("chính sách %s không áp dụng cho ngày đánh giá", "the policy %s is not meant for this date", p.ID)
	} else if ids := lapsed(r); len(ids) > 0 {
		add("%d yêu cầu bắt buộc không có văn bản nào có hiệu lực vào ngày đánh giá: %s", "%d mandatory requirements rest on no text in force on this date: %s", len(ids), strings.Join(ids, ", "))
	}
	if r.Tally.Fail > 0 {
		return NotReady, because
	}
	if r.Tally.Deciding == 0 {
		add("không có yêu cầu bắt buộc nào được đánh giá", "no mandatory requirement was judged")
	}
	if n := r.Tally.Inconclusive; n > 0 {
		add("%d yêu cầu chưa xác định được vì thiếu dữ kiện", "%d requirements are inconclusive for want of facts", n)
	}
	if n := r.Tally.Manual; n > 0 {
		add("%d yêu cầu còn chờ tài liệu chứng minh", "%d requirements await a document as evidence", n)
	}
	if !slices.ContainsFunc(c.Unit.Systems, inventory.System.IsToConnect) {
		add("đơn vị chưa khai hệ thống nào kết nối Cơ sở dữ liệu quốc gia về dân cư", "the unit declares no system that is to connect to the national population database")
	}
	for _, s := range p.unseen(c, r) {
		add("hệ thống %q chưa có điểm kết nối nào có kết quả quan sát còn dùng được", "of the system %q no endpoint has an observation that can still be used", s)
	}
	if len(because) > 0 {
		return Undetermined, because
	}
	return Ready, nil
}

// confirm keeps a policy that extends this one from being the kinder of the two:
// what it asks beside may show a system that no rule of this one did, or rest on
// a text of its own where none is in force here. Then this one is not satisfied,
// and the reason is told.
func (p *Policy) confirm(c Case) (UnitVerdict, []lang.Text) {
	c.Memory = nil // it is of the other
	r := p.Judge(c)
	if r.Verdict == Ready {
		return Ready, nil
	}
	said := lang.Tf("chính sách %s, mà chính sách này mở rộng, chưa kết luận được là sẵn sàng", "the policy %s, which this extends, does not come to ready", p.ID)
	return Undetermined, append([]lang.Text{said}, r.Because...)
}

// lapsed lists the requirements that would decide, were a text in force. That
// none is may be the law's silence or a mistake in the policy's dates: neither
// makes a unit ready.
func lapsed(r Report) []string {
	var ids []string
	for _, res := range r.Requirements {
		if res.Lapsed {
			ids = append(ids, res.ID)
		}
	}
	return ids
}

// unseen lists the connecting systems of which no deciding rule rests on an
// endpoint that answered: documents, closed ports, whole hosts and what the DNS
// says do not make a system seen.
func (p *Policy) unseen(c *Case, r Report) []string {
	seen := map[string]bool{}
	for _, res := range r.Requirements {
		for _, f := range res.Findings {
			if f.Scope == PerEndpoint && f.Decides && (f.Verdict == Pass || f.Verdict == Waived) && slices.ContainsFunc(f.Saw, Saw.answered) {
				seen[f.System] = true
			}
		}
	}
	var out []string
	for _, s := range c.Unit.Systems {
		if s.IsToConnect() && !seen[s.ID] {
			out = append(out, s.ID)
		}
	}
	return out
}
