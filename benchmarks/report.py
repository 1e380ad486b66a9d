def markdown(r):
    return ""
