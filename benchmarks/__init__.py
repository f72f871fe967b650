"""What Kith costs, beside a floor or a peer that is named, in one run."""
