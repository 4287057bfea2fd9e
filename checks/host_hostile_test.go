package checks

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lab"
)

// TestHostileHostsAreNeitherOpenNorShut points the checks of a host's services
// at every hostile server. None lets in anybody, and of those that are not
// recognised nothing is denied either.
func TestHostileHostsAreNeitherOpenNorShut(t *testing.T) {
	for _, r := range lab.Recipes() {
		if r.Nature != lab.Hostile {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			e := hostOf(t, r.Name)
			obs := observe(t, HostAccess, e, time.Second/2)
			if obs.Unknown != nil {
				if obs.Unknown.Cause == fact.Broken {
					t.Error(obs.Unknown)
				}
				return
			}
			var a Access
			if err := json.Unmarshal(obs.Value, &a); err != nil {
				t.Fatal(err)
			}
			s := observe(t, HostServices, e, time.Second/2)
			var f Services
			if err := json.Unmarshal(s.Value, &f); err != nil {
				t.Fatal(err)
			}
			denied, u := a.AnyAnonymous.Get()
			if len(a.Open) > 0 || u == nil && denied || u == nil && len(f.Services) == 0 {
				t.Errorf("%s\n%s", obs.Value, s.Value)
			}
			if u != nil && u.Cause == fact.Broken {
				t.Error(u)
			}
			t.Logf("%+v", f)
		})
	}
}
