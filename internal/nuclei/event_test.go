package nuclei

import (
	"slices"
	"testing"
)

func TestStatusesBeyondTheBound(t *testing.T) {
	r := &run{}
	for range 2 * mostStatuses {
		r.answered(exchange{status: 404}, false)
	}
	r.answered(exchange{status: 403}, false)
	if len(r.statuses) != mostStatuses+1 || !slices.Contains(r.statuses, 403) {
		t.Errorf("%d statuses: %v", len(r.statuses), r.statuses)
	}
}
