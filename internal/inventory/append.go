package inventory

import (
	"errors"

	"github.com/sansang/sansang/internal/yamldoc"
)

// AddAttestation adds an attestation to the text of a unit file, which stays
// as it was otherwise. Both what it was given and what comes of it are a good
// unit file, else the error says what is wrong and where.
func AddAttestation(file string, data []byte, a Attestation) ([]byte, error) {
	return add(file, data, "attestations", a)
}

// AddReview adds what an auditor says of a document, in the same way.
func AddReview(file string, data []byte, r Review) ([]byte, error) {
	return add(file, data, "reviews", r)
}

func add(file string, data []byte, list string, item any) ([]byte, error) {
	if _, err := Load(file, data); err != nil {
		return nil, err
	}
	out, err := yamldoc.Append(data, list, item)
	var ps yamldoc.Problems
	if errors.As(err, &ps) {
		for i := range ps {
			ps[i].File = file
		}
	}
	if err != nil {
		return nil, err
	}
	if _, err := Load(file, out); err != nil {
		return nil, err
	}
	return out, nil
}
