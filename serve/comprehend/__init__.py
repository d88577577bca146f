"""Amazon Comprehend Medical's InferICD10CM, so that its clients change only their endpoint."""
