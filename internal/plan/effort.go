package plan

import (
	"encoding/json"

	"github.com/sansang/sansang/internal/judge"
)

// effort tells how much work the fix of a requirement usually is; empty where
// the policy does not say.
func effort(p *judge.Policy, id string) string {
	for _, r := range p.Requirements {
		if r.ID != id {
			continue
		}
		var told struct {
			Effort string `json:"effort"`
		}
		if b, err := json.Marshal(r); err == nil && json.Unmarshal(b, &told) == nil {
			return told.Effort
		}
	}
	return ""
}
