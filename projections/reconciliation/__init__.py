"""What a snapshot of an owning system says otherwise than we know it. Pure: records and states in, events out."""
